// Path patterns as sources read them: `*`, `**`, `?` and `{a,b}`.
import { normalize } from "node:path/posix";

/** A pattern that matches the same normalised paths; undefined where `path` has no wildcard. */
export function globPattern(path: string): RegExp | undefined {
  if (!/[*?{]/.test(path)) return undefined;
  let depth = 0;
  const source = normalize(path).replace(/\*\*\/|\*+|[^*]/g, (piece) => {
    if (piece === "**/") return "(?:[^/]+/)*";
    if (piece.startsWith("*")) return piece.length > 1 ? ".*" : "[^/]*";
    if (piece === "?") return "[^/]";
    if (piece === "{") {
      depth += 1;
      return "(?:";
    }
    if (piece === "}" && depth > 0) {
      depth -= 1;
      return ")";
    }
    if (piece === "," && depth > 0) return "|";
    return piece.replace(/[\\^$.+()[\]{}|]/, "\\$&");
  });
  return new RegExp(`^${source}${")".repeat(depth)}$`);
}
