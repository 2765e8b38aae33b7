// `@drop`: a field that is read, checked and used, and stands in no stream.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Annotation } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { AnnotationRule, ContractDraft } from "./contract-draft.ts";
import type { ListedField } from "./contract-fields.ts";
import { metaMembers } from "./rule-meta.ts";

export const checkDrop: AnnotationRule = ({ listed, span, type }, draft, context) => {
  const { path } = listed;
  if (path === "strmMeta" || metaMembers.some((member) => member.path === path)) {
    const message = `\`${path}\` can't be dropped: \`encrypt\` writes it.`;
    refuse(listed, message, "part of every sealed event", "Remove `@drop`.", context);
  } else if (type?.insideRecursion === true) {
    const message = `\`${path}\` can't be dropped: it stands in a record that contains itself, so that its path doesn't name every place it can stand at.`;
    const help = "Drop the field that holds the whole record.";
    refuse(listed, message, "there may be more of them below", help, context);
  } else draft.dropped.push({ path, listed, span });
};

/** What all the dropped fields of a contract come to. */
export function checkDropped({ dropped, schema, statement }: ContractDraft, context: Context): void {
  for (const { path, span } of dropped) {
    const around = dropped.find((other) => path.startsWith(`${other.path}.`));
    if (around === undefined) continue;
    const message = `\`${path}\` is dropped already, with all of \`${around.path}\`.`;
    const related = [{ span: around.listed.span, message: "dropped as a whole here" }];
    const extra = { label: "dropped twice", help: "Remove `@drop` from one of the two.", related };
    context.report(diagnostic("contract.cannot-drop", span, message, extra));
  }
  const paths = schema?.fields().map(({ path }) => path) ?? [];
  const marked = new Set(dropped.map(({ path }) => path));
  for (const holder of new Set(
    dropped.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf(".")))),
  )) {
    // `encrypt` fills it.
    if (holder === "strmMeta") continue;
    const start = holder === "" ? "" : `${holder}.`;
    const inside = paths.filter((path) => path.startsWith(start) && !path.slice(start.length).includes("."));
    const last = dropped.findLast(({ path }) => inside.includes(path));
    if (last === undefined || !inside.every((path) => marked.has(path))) continue;
    const what = holder === "" ? `the contract \`${statement.name.text}\`` : `\`${holder}\``;
    const help = holder === "" ? "Keep one of them at least." : `Put @drop on \`${holder}\` itself.`;
    refuse(
      last.listed,
      `Nothing is left of ${what}: all its fields are dropped.`,
      "the last one",
      help,
      context,
    );
  }
}

/** True where the field, or a record that it stands in, is dropped. */
export function isDropped(path: string, dropped: Iterable<{ readonly path: string }>): boolean {
  for (const one of dropped) if (path === one.path || path.startsWith(`${one.path}.`)) return true;
  return false;
}

/** True where a field is marked as dropped, whether it can be or not. */
export function isMarked(annotations: readonly Annotation[]): boolean {
  return annotations.some(({ name }) => name.text === "drop");
}

function refuse(listed: ListedField, message: string, label: string, help: string, context: Context): void {
  context.report(diagnostic("contract.cannot-drop", listed.span, message, { label, help }));
}
