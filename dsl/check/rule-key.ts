// `@key` and `@subject`: a single text in every event.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { AnnotationRule } from "./contract-draft.ts";

export const checkKey: AnnotationRule = ({ listed, read, type }, _draft, context) => {
  if (type === undefined || (type.scalar === "string" && !type.list && !type.insideList)) return;
  const message = `\`@${read.name}\` needs a string, but \`${listed.path}\` has the type ${type.text}${type.insideList ? " inside a list" : ""}.`;
  const help = "Choose a field that is one string in every event, optional or not.";
  context.report(diagnostic("contract.key-type", listed.span, message, { label: type.text, help }));
};
