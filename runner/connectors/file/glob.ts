// Finds the files of a path pattern. Our own, since Node's still warns in the oldest version we support.
import type { Dirent } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { isAbsolute, join, parse, resolve } from "node:path";
import { isPattern, nameFits, pathFits, withoutBraces } from "../reading/pattern.ts";

/** As in a shell. */
const HIDDEN = ".";

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
  return withoutBraces(pattern).some((one) => pathFits(segmentsOf(resolve(baseDir, one)), HIDDEN)(segments));
}

function segmentsOf(path: string): readonly string[] {
  return path.split(/[/\\]/).filter((segment) => segment !== "" && segment !== ".");
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
  const matches = segment === "**" ? (name: string) => !name.startsWith(".") : nameFits(segment, HIDDEN);
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
