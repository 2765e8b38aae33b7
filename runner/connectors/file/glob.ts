// Finds the files of a path pattern. Our own, since Node's still warns in the oldest version we support.
import type { Dirent } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { isAbsolute, join, parse, resolve } from "node:path";

/**
 * The files that `pattern` names, absolute and in the order of their names; empty where there is none. `*` and `?` stay within
 * one name, `**` is any number of folders, `{a,b}` is either. Hidden names match only where the pattern writes the dot.
 * A file that bears exactly the pattern's name is taken first.
 */
export async function expandPattern(baseDir: string, pattern: string): Promise<readonly string[]> {
  const literal = isAbsolute(pattern) ? pattern : join(baseDir, pattern);
  if (await exists(literal)) return [literal];
  if (!isPattern(pattern)) return [];
  const found = new Set<string>();
  for (const one of withoutBraces(pattern)) {
    const root = isAbsolute(one) ? parse(one).root : baseDir;
    const segments = segmentsOf(one);
    await walk(root, isAbsolute(one) && root !== "/" ? segments.slice(1) : segments, found);
  }
  return [...found].sort();
}

/** True where `pattern` names a file at `path`, which is absolute, whether or not there is one. */
export function covers(baseDir: string, pattern: string, path: string): boolean {
  const segments = segmentsOf(path);
  return withoutBraces(pattern).some((one) => matches(segmentsOf(resolve(baseDir, one)), segments));
}

function matches([first, ...rest]: readonly string[], names: readonly string[]): boolean {
  const [name, ...below] = names;
  if (first === undefined || name === undefined) return first === name;
  if (first === "**") {
    if (rest.length > 0 && matches(rest, names)) return true;
    return !name.startsWith(".") && (below.length > 0 ? matches([first, ...rest], below) : rest.length === 0);
  }
  return (first === name || matcher(first)(name)) && matches(rest, below);
}

function segmentsOf(path: string): readonly string[] {
  return path.split(/[/\\]/).filter((segment) => segment !== "" && segment !== ".");
}

/** True where a path may name more than one file. */
export function isPattern(path: string): boolean {
  return /[*?]|\{[^{}]*,[^{}]*\}/.test(path);
}

async function walk(folder: string, segments: readonly string[], found: Set<string>): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment !== "**" && !isPattern(segment)) {
    const path = join(folder, segment);
    if (rest.length > 0) await walk(path, rest, found);
    else if (await isFile(path)) found.add(path);
    return;
  }
  if (segment === "**" && rest.length > 0) await walk(folder, rest, found);
  const matches = segment === "**" ? (name: string) => !name.startsWith(".") : matcher(segment);
  for (const entry of await entries(folder)) {
    if (!matches(entry.name)) continue;
    const path = join(folder, entry.name);
    if (segment === "**") {
      // Links to folders aren't followed here: they may lead round in a circle.
      if (entry.isDirectory()) await walk(path, segments, found);
      else if (rest.length === 0 && (await isFile(path))) found.add(path);
    } else if (rest.length > 0) {
      if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, rest, found);
    } else if (await isFile(path)) {
      found.add(path);
    }
  }
}

async function entries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // A folder that is not there holds no files; one that can't be read must not look empty.
    if (isMissing(error)) return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** Every text that the first brace's alternatives make, until none has braces. */
function withoutBraces(pattern: string): readonly string[] {
  const braces = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (braces?.[1] === undefined) return [pattern];
  const before = pattern.slice(0, braces.index);
  const after = pattern.slice(braces.index + braces[0].length);
  return braces[1].split(",").flatMap((choice) => withoutBraces(before + choice + after));
}

function matcher(segment: string): (name: string) => boolean {
  const source = segment
    .replace(/[.+^$()|[\]{}\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/\?/g, ".");
  const expression = new RegExp(`^${source}$`, "su");
  const hidden = segment.startsWith(".");
  return (name) => (hidden || !name.startsWith(".")) && expression.test(name);
}
