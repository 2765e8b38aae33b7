// Which files a source reads, and how they are named to people.
import { isAbsolute, relative, sep } from "node:path";
import { fileFailure } from "./failures.ts";
import { expandPattern } from "./glob.ts";

/** The files of all patterns, in the patterns' order, each once. */
export async function findAll(
  baseDir: string,
  patterns: readonly string[],
  onNone: (pattern: string) => void,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const paths = await expandPattern(baseDir, pattern).catch((error) => {
      throw fileFailure(error, pattern, "look for");
    });
    if (paths.length === 0) onNone(pattern);
    for (const path of paths) found.add(path);
  }
  return [...found];
}

/** How errors, positions and nonces name a file: the same on every machine that has the pipeline's folder. */
export function originOf(path: string, baseDir: string): string {
  const inside = relative(baseDir, path);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/");
}
