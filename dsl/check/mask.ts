// Checks what a decrypt masks, and that it can.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Bound } from "../spec/bind.ts";
import type { DecryptStatement, Path } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { reportMissingField } from "./missing-field.ts";
import { isDropped } from "./rule-drop.ts";
import type { Stream } from "./stream.ts";

/** The paths to mask, those that can be. */
export function checkMask(
  { values, given }: Bound,
  statement: DecryptStatement,
  from: Stream | undefined,
  context: Context,
): readonly string[] {
  const mask = given.get("mask");
  const items = mask?.value.kind === "list" ? mask.value.items : [];
  if (mask === undefined || (mask.value.kind === "list" && items.length === 0)) {
    const stray = given.get("mask_seed") ?? given.get("mask_algorithm");
    if (stray !== undefined && !context.isBroken(statement.span)) {
      const message = `\`${stray.name.text}\` is given, but nothing is masked.`;
      const help = "Add mask = [PATH, …], or remove the option.";
      const extra = { label: "without `mask`", help };
      context.report(diagnostic("flow.mask-missing", stray.name.span, message, extra));
    }
    return [];
  }
  const paths = new Map<string, Path>();
  for (const item of items) {
    if (item.kind !== "path" || !isMaskable(item.path, paths, from, context)) continue;
    paths.set(item.path.text, item.path);
  }
  if (!given.has("mask_seed") && values.mask !== undefined && !context.isBroken(statement.span)) {
    const message = "A mask needs a secret seed: `mask_seed` is missing.";
    const help = 'Add mask_seed = secret("MASK_SEED").';
    context.report(
      diagnostic("flow.mask-seed", mask.name.span, message, { label: "masks without a seed", help }),
    );
  }
  return [...paths.keys()];
}

function isMaskable(
  path: Path,
  before: ReadonlyMap<string, Path>,
  from: Stream | undefined,
  context: Context,
): boolean {
  const refuse = (
    code: "flow.mask-dropped" | "flow.mask-meta" | "flow.mask-type",
    message: string,
    label: string,
    help: string,
  ): boolean => {
    context.report(diagnostic(code, path.span, message, { label, help }));
    return false;
  };
  const again = before.get(path.text);
  if (again !== undefined) return reportTwice(path, "twice in this list", again.span, context);
  if (path.text === "strmMeta" || path.text.startsWith("strmMeta.")) {
    const message = `\`${path.text}\` can't be masked: \`strmMeta\` is needed as it is.`;
    return refuse("flow.mask-meta", message, "part of strmMeta", "Remove it. It holds no personal value.");
  }
  const schema = from?.contract.schema;
  if (from === undefined || schema === undefined) return true;
  const found = schema.lookup(path.text);
  if (found.kind === "missing") {
    reportMissingField(path, found, schema, `The contract \`${from.contract.statement.name.text}\``, context);
    return false;
  }
  if (isDropped(path.text, from.contract.dropped.values())) {
    const message = `\`${path.text}\` is dropped, so there is nothing to mask.`;
    return refuse(
      "flow.mask-dropped",
      message,
      "in no stream",
      "Remove it, or remove `@drop` from the contract.",
    );
  }
  if (!found.type.sealable) {
    const help =
      found.type.scalar === "record"
        ? "Mask the fields inside it one by one."
        : "Mask a string or a list of strings.";
    return refuse(
      "flow.mask-type",
      `\`${path.text}\` has the type ${found.type.text}, which can't be masked.`,
      found.type.text,
      help,
    );
  }
  if (from.fields.get(path.text)?.state === "masked") {
    return reportTwice(
      path,
      `already, in \`${from.statement.name.text}\``,
      from.statement.name.span,
      context,
    );
  }
  return true;
}

function reportTwice(path: Path, where: string, first: Path["span"], context: Context): boolean {
  const message = `\`${path.text}\` is masked ${where}.`;
  const help = "Name the field once, in one decrypt.";
  const related = [{ span: first, message: "masked here first" }];
  context.report(
    diagnostic("flow.masked-twice", path.span, message, { label: "a mask of a mask", help, related }),
  );
  return false;
}
