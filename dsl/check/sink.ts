// Checks a sink: which stream or side stream it writes, to what, and that no raw personal field gets out unsaid.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { SinkStep } from "../graph/job-graph.ts";
import { type Bound, bindOptions } from "../spec/bind.ts";
import type { SinkSpec } from "../spec/connector-spec.ts";
import { tableOfSink } from "../spec/statement-options.ts";
import type { Name, SinkStatement } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Context } from "./context.ts";
import { checkExposure } from "./exposure.ts";
import type { StreamStatement } from "./names.ts";
import type { Stream } from "./stream.ts";
import { unknownInCatalog } from "./unknown-in-catalog.ts";
import { withFormat } from "./with-format.ts";

export interface Sink {
  readonly statement: SinkStatement;
  readonly side: SinkStep["side"];
  readonly stream: Stream | undefined;
  readonly spec: SinkSpec;
  readonly bound: Bound;
  /** Without its number: `safe->file`. */
  readonly title: string;
  readonly exposing: string | undefined;
  readonly options: SinkStep["options"];
}

const nouns = { events: "events", rejected: "rejected events", keys: "data keys" } as const;

/** Undefined where its connector or its side stream is wrong. */
export function checkSink(
  statement: SinkStatement,
  streams: ReadonlyMap<StreamStatement, Stream>,
  context: Context,
): Sink | undefined {
  const { stream: reference, connector } = statement;
  const declared = context.names.stream(reference.name);
  const stream = declared === undefined ? undefined : streams.get(declared);
  const side = sideOf(reference.side, context);
  if (declared !== undefined && side !== undefined) checkSide(side, reference, declared, context);
  const spec = specOf(statement, side, context);
  if (spec === undefined) return undefined;
  const block = {
    title: `The sink \`${connector.text}\``,
    head: connector.span,
    span: statement.span,
    entries: statement.options,
  };
  const bound = bindOptions(tableOfSink(spec), block, context.scopeOf(statement.span.file));
  if (side === undefined) return undefined;
  const uses = {
    connector,
    does: `write ${nouns[side]} as`,
    formats: spec.formats[side],
    options: spec.options,
    events: side === "events",
  };
  const { exposing: _, ...options } = withFormat(bound, uses, context);
  const exposing = checkExposure(statement, side, stream, bound, context);
  const title = `${reference.name.text}${side === "events" ? "" : `.${side}`}->${connector.text}`;
  return { statement, side, stream, spec, bound, title, exposing, options };
}

function sideOf(side: Name | undefined, context: Context): SinkStep["side"] | undefined {
  if (side === undefined) return "events";
  if (side.text === "rejected" || side.text === "keys") return side.text;
  const near = closest(side.text, ["rejected", "keys"]);
  const help = near === undefined ? "There are `.rejected` and `.keys`." : `Did you mean \`.${near}\`?`;
  const message = `A stream has no side \`.${side.text}\`.`;
  context.report(diagnostic("name.unknown-side", side.span, message, { label: "no such side stream", help }));
  return undefined;
}

function checkSide(
  side: SinkStep["side"],
  reference: SinkStatement["stream"],
  declared: StreamStatement,
  context: Context,
): void {
  const span = reference.side?.span ?? reference.span;
  const name = reference.name.text;
  const related = [{ span: declared.name.span, message: `made by \`${declared.kind}\` here` }];
  if (side === "rejected" && declared.kind === "encrypt") {
    const message = `\`${name}\` has no rejected events: an encrypt refuses nothing.`;
    const help = `Sink \`${declared.from.text}.rejected\` instead.`;
    context.report(diagnostic("flow.no-rejected", span, message, { label: "always empty", help, related }));
  }
  if (side === "keys" && declared.kind !== "encrypt") {
    const message = `\`${name}\` has no data keys: only an encrypt makes some.`;
    const help =
      declared.kind === "decrypt"
        ? "Sink the `.keys` of the encrypt it comes from."
        : "Sink the `.keys` of an encrypt.";
    context.report(
      diagnostic("flow.no-keys", span, message, { label: `made by \`${declared.kind}\``, help, related }),
    );
  }
}

function specOf(
  { connector }: SinkStatement,
  side: SinkStep["side"] | undefined,
  context: Context,
): SinkSpec | undefined {
  const { connectors } = context.catalog;
  const writable = connectors.filter(({ sink }) => sink !== undefined);
  const spec = connectors.find(({ name }) => name === connector.text);
  if (spec === undefined) {
    unknownInCatalog("name.unknown-connector", connector, "connector", writable, context);
    return undefined;
  }
  const refuse = (message: string, label: string, names: readonly { readonly name: string }[]): undefined => {
    const help = `A sink writes to ${names.map(({ name }) => name).join(", ")}.`;
    context.report(diagnostic("flow.no-sink", connector.span, message, { label, help }));
    return undefined;
  };
  if (spec.sink === undefined) {
    return refuse(`Nothing can be written to \`${spec.name}\`: it only reads.`, "only a source", writable);
  }
  if (side !== undefined && spec.sink.formats[side].length === 0) {
    const able = writable.filter(({ sink }) => (sink?.formats[side].length ?? 0) > 0);
    return refuse(`\`${spec.name}\` can't hold ${nouns[side]}.`, `no ${nouns[side]}`, able);
  }
  return spec.sink;
}
