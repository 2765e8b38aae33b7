// `@consent`: where an event's consent levels stand, and how they are read.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { GraphConsent } from "../graph/job-graph.ts";
import type { Value } from "../syntax/ast.ts";
import { wrongArguments } from "./annotation.ts";
import type { Context } from "./context.ts";
import type { AnnotationRule, AnnotationUse } from "./contract-draft.ts";

export const checkConsent: AnnotationRule = (use, draft, context) => {
  const { listed, read } = use;
  const word = read.positional;
  if (word !== undefined && !(word.kind === "path" && word.path.text === "cumulative")) {
    wrongArguments("consent", word.span, "only `cumulative` may stand here", context);
    return;
  }
  if (!checkType(use, context)) return;
  const mapValue = read.named.get("map");
  const map = mapValue === undefined ? undefined : readMap(mapValue, context);
  const defaultValue = read.named.get("default");
  const otherwise = defaultValue === undefined ? undefined : readLevels(defaultValue, context);
  if (
    (mapValue !== undefined && map === undefined) ||
    (defaultValue !== undefined && otherwise === undefined)
  )
    return;
  if (otherwise !== undefined && map === undefined && defaultValue !== undefined) {
    wrongArguments("consent", defaultValue.span, "a default is for a text that the map lacks", context);
    return;
  }
  draft.consent = {
    path: listed.path,
    cumulative: word !== undefined,
    ...(map === undefined ? {} : { map }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
};

function checkType({ listed, read, type, span }: AnnotationUse, context: Context): boolean {
  if (type === undefined) return true;
  const refuse = (message: string, label: string, help: string): boolean => {
    context.report(diagnostic("contract.consent-type", listed.span, message, { label, help }));
    return false;
  };
  // JSON has an enum's symbol as a text.
  const isText = (type.scalar === "string" || type.scalar === "enum") && !type.list;
  const isLevels = type.scalar === "int" || type.scalar === "long";
  if (type.insideList || !(isText || isLevels)) {
    return refuse(
      `\`${listed.path}\` has the type ${type.text}${type.insideList ? " inside a list" : ""}, which can't hold consent levels.`,
      type.text,
      "Choose a list of int, an int, or a text (or an enum) with a map.",
    );
  }
  const map = read.named.get("map");
  if (isText && map === undefined) {
    return refuse(
      `\`${listed.path}\` is ${type.scalar === "enum" ? "an enum" : "a text"}, and nothing says which levels each text means.`,
      type.text,
      'Add a map: @consent(map = { "yes": [0, 1], "no": [] }, default = []).',
    );
  }
  if (isLevels && map !== undefined) {
    context.report(
      diagnostic(
        "contract.consent-type",
        span,
        `\`${listed.path}\` has the type ${type.text}, so it needs no map.`,
        {
          label: "a map is for a text",
          help: "Remove the map: the levels stand in the event itself.",
        },
      ),
    );
    return false;
  }
  return true;
}

function readMap(value: Value, context: Context): GraphConsent["map"] | undefined {
  if (value.kind !== "object") return wrongArguments("consent", value.span, "the map is an object", context);
  const map = new Map<string, readonly number[]>();
  let whole = true;
  for (const { key, value: levels } of value.entries) {
    if (map.has(key.text)) {
      wrongArguments("consent", key.span, "this text stands in the map twice", context);
      whole = false;
      continue;
    }
    const read = readLevels(levels, context);
    if (read === undefined) whole = false;
    map.set(key.text, read ?? []);
  }
  return whole ? Object.fromEntries(map) : undefined;
}

/** Levels ascending, each once. */
function readLevels(value: Value, context: Context): readonly number[] | undefined {
  if (value.kind !== "list") {
    return wrongArguments("consent", value.span, "levels stand in a list, such as [0, 1]", context);
  }
  const levels = value.items.map((item) => context.purposes.resolve(item));
  const known = levels.filter((level) => level !== undefined);
  return known.length === levels.length ? [...new Set(known)].sort((a, b) => a - b) : undefined;
}
