// `@matches`: a pattern for an engine whose time grows only with the length of the text.
import { RE2JS } from "re2js";
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { RegexValue } from "../syntax/ast.ts";
import { wrongArguments } from "./annotation.ts";
import type { Context } from "./context.ts";
import type { AnnotationRule } from "./contract-draft.ts";

export const checkMatches: AnnotationRule = ({ listed, read, type }, draft, context) => {
  const pattern = read.positional;
  if (pattern?.kind !== "regex") {
    if (pattern !== undefined) wrongArguments("matches", pattern.span, "not a pattern", context);
    return;
  }
  if (type !== undefined && type.scalar !== "string") {
    const message = `\`@matches\` needs a text, but \`${listed.path}\` has the type ${type.text}.`;
    const help = "Put it on a string or a list of strings.";
    context.report(diagnostic("contract.matches-type", listed.span, message, { label: type.text, help }));
    return;
  }
  if (isLinear(pattern, context)) {
    draft.matches.push({ path: listed.path, pattern: pattern.pattern, flags: pattern.flags });
  }
};

const flagBits: ReadonlyMap<string, number> = new Map([
  ["i", RE2JS.CASE_INSENSITIVE],
  ["m", RE2JS.MULTILINE],
  ["s", RE2JS.DOTALL],
]);

function isLinear({ pattern, flags, span }: RegexValue, context: Context): boolean {
  const refuse = (message: string, label: string, help: string): boolean => {
    context.report(diagnostic("contract.pattern", span, message, { label, help }));
    return false;
  };
  let bits = 0;
  for (const flag of flags) {
    const bit = flagBits.get(flag);
    if (bit === undefined || (bits & bit) !== 0) {
      return refuse(
        `The flag \`${flag}\` can't be used here.`,
        "unknown or repeated flag",
        "There are i (any case), m (^ and $ at each line) and s (the dot matches line ends), each once.",
      );
    }
    bits |= bit;
  }
  const costly = costlyPart(pattern);
  if (costly !== undefined) {
    return refuse(
      `The pattern uses ${costly.noun}, which can't be matched in linear time.`,
      `\`${costly.text}\``,
      "Event data is untrusted, so its texts must not be able to slow the run down. Say it without, perhaps with two fields or a simpler pattern.",
    );
  }
  try {
    RE2JS.compile(pattern, bits);
    return true;
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "it can't be read";
    return refuse(`The pattern is not valid: ${reason}.`, "not a pattern", "Correct the pattern.");
  }
}

/** Look-around or a back-reference, which the engine would refuse in less helpful words. */
function costlyPart(pattern: string): { readonly noun: string; readonly text: string } | undefined {
  // Escapes are stepped over two characters at a time, so that `\\(?=` is not taken for a look-ahead.
  for (const [text] of pattern.matchAll(/\\[1-9]|\\k<|\\.|\(\?(?:<?[=!])/gs)) {
    if (text.startsWith("(?<")) return { noun: "a look-behind", text };
    if (text.startsWith("(?")) return { noun: "a look-ahead", text };
    if (/^\\(?:[1-9]|k<)/.test(text)) return { noun: "a back-reference", text };
  }
  return undefined;
}
