// Which keys a source reads: those below its prefix that fit its patterns.
import { pathFits, withoutBraces } from "../reading/pattern.ts";
import { folderOf } from "./object-names.ts";

export interface KeyOptions {
  readonly prefix: string;
  readonly pattern?: string | readonly string[];
}

/** Names that Spark, Hive and Athena pass over as well: `_SUCCESS`, `_temporary`, `.part-0.crc`. */
const HIDDEN = "._";

export class KeyChoice {
  /** What is to be listed, in the order of keys; none lies within another. */
  readonly prefixes: readonly string[];
  readonly #folder: string;
  readonly #fits: (names: readonly string[]) => boolean;
  readonly #wouldFit: (names: readonly string[]) => boolean;

  constructor({ prefix, pattern = "**" }: KeyOptions) {
    const folder = folderOf(prefix);
    const patterns = (typeof pattern === "string" ? [pattern] : pattern).flatMap(withoutBraces);
    this.#folder = folder;
    this.prefixes = outermost(patterns.map((one) => folder + one.slice(0, one.search(/[*?]|$/))));
    const anyOf = (hidden: string) => {
      const all = patterns.map((one) => pathFits(one.split("/"), hidden));
      return (names: readonly string[]) => all.some((fits) => fits(names));
    };
    this.#fits = anyOf(HIDDEN);
    this.#wouldFit = anyOf("");
  }

  /** `hidden`: it would be read, but for a name that begins with `.` or `_`. */
  judge(key: string): "read" | "hidden" | "other" {
    // Consoles make such an object to show an empty folder.
    if (!key.startsWith(this.#folder) || key.endsWith("/")) return "other";
    const names = key.slice(this.#folder.length).split("/");
    if (this.#fits(names)) return "read";
    return this.#wouldFit(names) ? "hidden" : "other";
  }
}

/** In the order of their UTF-8 bytes, without those that another one begins. */
function outermost(prefixes: readonly string[]): readonly string[] {
  const sorted = [...prefixes].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return sorted.filter((one, i) => !sorted.slice(0, i).some((before) => one.startsWith(before)));
}
