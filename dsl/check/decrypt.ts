// Checks a decrypt: what it opens, for which purposes, with which keys, and what it masks.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { DecryptStep } from "../graph/job-graph.ts";
import { bindOptions } from "../spec/bind.ts";
import { isReference } from "../spec/option-value.ts";
import { decryptOptions } from "../spec/statement-options.ts";
import type { DecryptStatement, Name, Value } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import { askedPurposes } from "./asked-purposes.ts";
import type { Context } from "./context.ts";
import type { KeyStore } from "./key-stores.ts";
import { checkMask } from "./mask.ts";
import { openedFields, type Sealing, type Stream } from "./stream.ts";

/** `storeOf` gives the store that the option `keys` names, or that is meant without it. */
export function checkDecrypt(
  statement: DecryptStatement,
  from: Stream | undefined,
  storeOf: (keys: Name | undefined) => KeyStore | undefined,
  context: Context,
): Stream | undefined {
  const block = {
    title: "`decrypt`",
    head: statement.name.span,
    span: statement.span,
    entries: statement.options,
  };
  const bound = bindOptions(decryptOptions, block, context.scopeOf(statement.span.file));
  const { values, given } = bound;
  const asked = askedPurposes(statement, from?.contract, context);
  const keysName = nameOf(given.get("keys")?.value);
  const keys = keysName === undefined ? undefined : storeOf(keysName);
  if (from !== undefined && !from.sealed) {
    reportRaw(statement, from, context);
    return undefined;
  }
  const mask = checkMask(bound, statement, from, context);
  if (from === undefined) return undefined;
  const wanted = { keys, scheme: schemeOf(values.scheme) };
  if (from.sealing?.by !== undefined) {
    const at = { keys: given.get("keys")?.value.span, scheme: given.get("scheme")?.value.span };
    checkSealing(from.sealing, from.sealing.by, wanted, at, context);
  }
  const unknown = keysName !== undefined && keys === undefined;
  const store = unknown ? undefined : (keys ?? from.sealing?.store ?? inheritedStore(from, storeOf));
  const scheme = wanted.scheme ?? from.sealing?.scheme ?? "purpose_bound";
  const fields = openedFields(from.fields, asked?.purposes ?? [], mask);
  const seed = values.mask_seed;
  const step: DecryptStep | undefined =
    asked === undefined || store === undefined
      ? undefined
      : {
          kind: "decrypt",
          name: statement.name.text,
          contract: from.contract.statement.name.text,
          fields: [...fields.values()],
          from: statement.from.text,
          keys: store.graph.name,
          scheme,
          mode: asked.mode,
          purposes: asked.purposes,
          mask,
          ...(mask.length > 0 && seed !== undefined && isReference(seed) ? { maskSeed: seed } : {}),
          maskAlgorithm: values.mask_algorithm === "murmur3" ? "murmur3" : "hmac_sha256",
        };
  const sealing = from.sealing ?? (store === undefined ? undefined : { store, scheme, by: undefined });
  return { statement, contract: from.contract, sealed: true, fields, sealing, step };
}

/** Of events that came in sealed nobody knows the keys; behind an encrypt with an error nothing is said. */
function inheritedStore(
  from: Stream,
  storeOf: (keys: undefined) => KeyStore | undefined,
): KeyStore | undefined {
  return from.statement.kind === "source" ? storeOf(undefined) : undefined;
}

function nameOf(value: Value | undefined): Name | undefined {
  return value?.kind === "path" ? value.path.segments[0] : undefined;
}

function schemeOf(value: unknown): Sealing["scheme"] | undefined {
  return value === "strm" || value === "purpose_bound" ? value : undefined;
}

function reportRaw(statement: DecryptStatement, from: Stream, context: Context): void {
  const name = statement.from.text;
  const message = `\`${name}\` was never sealed, so there is nothing to open.`;
  const help = `Encrypt it first: encrypt ${name} into safe_${name}. Then decrypt safe_${name}.`;
  const related = [{ span: from.statement.name.span, message: "raw events come from here" }];
  const extra = { label: "a raw stream", help, related };
  context.report(diagnostic("flow.decrypt-raw", statement.from.span, message, extra));
}

function checkSealing(
  sealing: Sealing,
  by: string,
  wanted: { readonly keys: KeyStore | undefined; readonly scheme: Sealing["scheme"] | undefined },
  at: { readonly keys: Span | undefined; readonly scheme: Span | undefined },
  context: Context,
): void {
  const refuse = (span: Span, is: string, was: string): void => {
    const message = `\`${by}\` was sealed with ${was}, not ${is}: not one field would open.`;
    const help = "Remove the option: a decrypt takes it from the encrypt.";
    context.report(diagnostic("flow.keys-differ", span, message, { label: `sealed with ${was}`, help }));
  };
  if (wanted.keys !== undefined && at.keys !== undefined && wanted.keys !== sealing.store) {
    refuse(at.keys, `those of \`${wanted.keys.graph.name}\``, `the keys of \`${sealing.store.graph.name}\``);
  }
  if (wanted.scheme !== undefined && at.scheme !== undefined && wanted.scheme !== sealing.scheme) {
    refuse(at.scheme, `\`${wanted.scheme}\``, `the scheme \`${sealing.scheme}\``);
  }
}
