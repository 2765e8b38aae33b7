// Checks every stream in the order of the flow, whatever order the statements stand in.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { KeysStatement, Name } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { Contract } from "./contract.ts";
import { checkDecrypt } from "./decrypt.ts";
import { checkEncrypt } from "./encrypt.ts";
import { type KeyStore, onlyKeyStore } from "./key-stores.ts";
import { isStream, type StreamStatement } from "./names.ts";
import { checkSource } from "./source.ts";
import type { Stream } from "./stream.ts";

export interface Foundations {
  readonly contracts: ReadonlyMap<unknown, Contract>;
  readonly stores: ReadonlyMap<KeysStatement, KeyStore | undefined>;
  readonly fallback: KeyStore;
}

/** Every stream that could be understood, each behind the one it is made from. */
export function checkStreams(
  { contracts, stores, fallback }: Foundations,
  context: Context,
): ReadonlyMap<StreamStatement, Stream> {
  const parents = findParents(context);
  const streams = new Map<StreamStatement, Stream>();
  const storeOf =
    (step: Name) =>
    (keys: Name | undefined): KeyStore | undefined => {
      if (keys === undefined) return onlyKeyStore(step, stores, fallback, context);
      const statement = context.names.keys(keys);
      return statement === undefined ? undefined : stores.get(statement);
    };
  for (const statement of inFlowOrder(parents, context)) {
    const parent = parents.get(statement);
    const from = parent === undefined ? undefined : streams.get(parent);
    const stream =
      statement.kind === "source"
        ? checkSource(statement, contracts, context)
        : statement.kind === "encrypt"
          ? checkEncrypt(statement, from, storeOf(statement.name), context)
          : checkDecrypt(statement, from, storeOf(statement.name), context);
    if (stream !== undefined) streams.set(statement, stream);
  }
  return streams;
}

type Parents = ReadonlyMap<StreamStatement, StreamStatement | undefined>;

/** What each stream is made from; undefined for sources, and where the name is unknown or in a circle. */
function findParents(context: Context): Parents {
  const parents = new Map<StreamStatement, StreamStatement | undefined>();
  for (const statement of context.names.all()) {
    if (!isStream(statement)) continue;
    parents.set(statement, statement.kind === "source" ? undefined : context.names.stream(statement.from));
  }
  const settled = new Set<StreamStatement>();
  for (const start of parents.keys()) {
    const trail: StreamStatement[] = [];
    const onTrail = new Set<StreamStatement>();
    let at: StreamStatement | undefined = start;
    while (at !== undefined && !settled.has(at) && !onTrail.has(at)) {
      trail.push(at);
      onTrail.add(at);
      at = parents.get(at);
    }
    if (at !== undefined && onTrail.has(at)) {
      const circle = trail.slice(trail.indexOf(at));
      reportCycle(circle, context);
      for (const statement of circle) parents.set(statement, undefined);
    }
    for (const statement of trail) settled.add(statement);
  }
  return parents;
}

function reportCycle(circle: readonly StreamStatement[], context: Context): void {
  const [first, ...rest] = circle;
  if (first === undefined || first.kind === "source") return;
  const names = [first, ...rest, first].map(({ name }) => `\`${name.text}\``).join(" ← ");
  const message =
    rest.length === 0
      ? `\`${first.name.text}\` is made from itself.`
      : `Streams are made from each other in a circle: ${names}.`;
  const help = "Let one of them start at a source, or at a stream outside of the circle.";
  const related = rest.map(({ name }) => ({ span: name.span, message: "part of the circle" }));
  const extra = { label: "leads back to itself", help, related };
  context.report(diagnostic("flow.cycle", first.from.span, message, extra));
}

/** Parents before children, else in the order of the file. */
function inFlowOrder(parents: Parents, context: Context): readonly StreamStatement[] {
  const order = new Set<StreamStatement>();
  for (const statement of context.names.all()) {
    if (!isStream(statement)) continue;
    const line: StreamStatement[] = [];
    for (
      let at: StreamStatement | undefined = statement;
      at !== undefined && !order.has(at);
      at = parents.get(at)
    ) {
      line.push(at);
    }
    for (const one of line.reverse()) order.add(one);
  }
  return [...order];
}
