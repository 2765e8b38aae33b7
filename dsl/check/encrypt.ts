// Checks an encrypt: what it seals, by whose keys, for how long.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { EncryptStep, Rotation } from "../graph/job-graph.ts";
import { bindOptions } from "../spec/bind.ts";
import { durationText } from "../spec/describe.ts";
import { encryptOptions } from "../spec/statement-options.ts";
import type { EncryptStatement, Name } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { KeyStore } from "./key-stores.ts";
import { reportNothingSealed } from "./source.ts";
import { type Stream, sealedFields } from "./stream.ts";

/** `storeOf` gives the store that the option `keys` names, or that is meant without it. */
export function checkEncrypt(
  statement: EncryptStatement,
  from: Stream | undefined,
  storeOf: (keys: Name | undefined) => KeyStore | undefined,
  context: Context,
): Stream | undefined {
  const block = {
    title: "`encrypt`",
    head: statement.name.span,
    span: statement.span,
    entries: statement.options,
  };
  const { values, given } = bindOptions(encryptOptions, block, context.scopeOf(statement.span.file));
  const keysValue = given.get("keys")?.value;
  const store =
    keysValue !== undefined && values.keys === undefined
      ? undefined
      : storeOf(keysValue?.kind === "path" ? keysValue.path.segments[0] : undefined);
  const rotate = rotationOf(values.rotate);
  const scheme = values.scheme === "strm" ? "strm" : "purpose_bound";
  if (store !== undefined && rotate !== undefined) {
    checkRetain(statement, store, rotate, given.get("rotate")?.value.span, context);
  }
  if (from === undefined) return undefined;
  if (from.sealed) reportSealedAlready(statement, from, context);
  else if (from.contract.personal.size === 0) reportNothingSealed(statement, from.contract, context);
  const fields = from.sealed ? from.fields : sealedFields(from.fields);
  const step: EncryptStep | undefined =
    store === undefined || rotate === undefined
      ? undefined
      : {
          kind: "encrypt",
          name: statement.name.text,
          contract: from.contract.statement.name.text,
          fields: [...fields.values()],
          from: statement.from.text,
          keys: store.graph.name,
          scheme,
          rotate,
        };
  const sealing = store === undefined ? undefined : ({ store, scheme, by: statement.name.text } as const);
  return { statement, contract: from.contract, sealed: true, fields, sealing, step };
}

function rotationOf(value: unknown): Rotation | undefined {
  if (value === "daily") return { kind: "daily" };
  return typeof value === "number" ? { kind: "span", spanMs: value } : undefined;
}

function reportSealedAlready(statement: EncryptStatement, from: Stream, context: Context): void {
  const name = statement.from.text;
  const message = `\`${name}\` is sealed already.`;
  const origin =
    from.statement.kind === "source" ? "it comes in sealed" : `\`${from.statement.kind}\` makes it here`;
  const help = "Encrypt the raw stream instead, or remove this statement.";
  const related = [{ span: from.statement.name.span, message: origin }];
  context.report(
    diagnostic("flow.encrypt-sealed", statement.from.span, message, {
      label: "not a raw stream",
      help,
      related,
    }),
  );
}

const dayMs = 86_400_000;

function checkRetain(
  statement: EncryptStatement,
  store: KeyStore,
  rotate: Rotation,
  rotateAt: EncryptStatement["span"] | undefined,
  context: Context,
): void {
  const { retainMs } = store.graph;
  const spanMs = rotate.kind === "daily" ? dayMs : rotate.spanMs;
  if (retainMs === undefined || retainMs >= spanMs) return;
  const rotation = rotate.kind === "daily" ? "daily" : `every ${durationText(spanMs)}`;
  const message = `\`${store.graph.name}\` keeps keys for only ${durationText(retainMs)}, but \`${statement.name.text}\` rotates them ${rotation}.`;
  const related =
    store.retainAt === undefined ? [] : [{ span: store.retainAt, message: "kept only this long" }];
  const help = `Set retain to ${durationText(spanMs)} or more, or rotate more often.`;
  const extra = { label: `rotates ${rotation}`, help, related };
  context.report(diagnostic("flow.retain-short", rotateAt ?? statement.name.span, message, extra));
}
