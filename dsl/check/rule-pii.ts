// `@pii`: a text or a list of texts that belongs to a purpose.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { AnnotationRule } from "./contract-draft.ts";

export const checkPersonal: AnnotationRule = ({ listed, read, type }, draft, context) => {
  const { path, span } = listed;
  if (path === "strmMeta" || path.startsWith("strmMeta.")) {
    const message = `\`${path}\` can't be sealed: \`strmMeta\` must stay readable.`;
    const help = "Move the personal value to a field outside of strmMeta.";
    context.report(
      diagnostic("contract.pii-meta", span, message, { label: "needed to open the event", help }),
    );
    return;
  }
  const purpose = read.positional === undefined ? undefined : context.purposes.resolve(read.positional);
  if (type !== undefined && !type.sealable) {
    const message = `\`${path}\` has the type ${type.text}, which can't be sealed.`;
    const help =
      type.scalar === "record"
        ? "Annotate the personal fields inside it one by one."
        : "Only a string or a list of strings can be sealed, either optional. Send the value as a string.";
    context.report(diagnostic("contract.pii-type", span, message, { label: type.text, help }));
    return;
  }
  if (purpose !== undefined) draft.personal.push({ path, purpose, listed });
};
