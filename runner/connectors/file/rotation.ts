// What rotation makes of a file: the names of its older parts, and which of them came after which.
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf, fileFailure } from "./failures.ts";
import { type Standing, standingAt } from "./standing.ts";

/** What rotation and packing add to a name: `.1`, `-20260131`, `.2026-01-31T12.gz`. */
const ADDED = /(?:[._-](\d[\d.:T_-]*))?(?:\.(?:gz|zst|zstd))?$/;
/** Digits of a number; more of them are a date. */
const MOST_DIGITS = 5;
/** Names that change all the time are taken as they are. */
export const MOST_VIEWS = 10;

/** The path that a file had before rotation; others stay as they are. */
export function stemOf(path: string): string {
  const stem = basename(path).replace(ADDED, "");
  return stem === "" ? path : join(dirname(path), stem);
}

/**
 * The files with the name that `path` had before rotation, or one that begins with that, as they stood at one moment: those that rotation made,
 * the newest first, then others, and `path` itself last.
 */
export async function kinOf(path: string): Promise<readonly Standing[]> {
  let kin = await viewOf(path);
  for (let views = 1; views < MOST_VIEWS; views++) {
    const before = kin;
    kin = await viewOf(path);
    // Two views that are the same were not taken between two changes of names.
    if (sameNames(before, kin)) break;
  }
  return kin;
}

async function viewOf(path: string): Promise<readonly Standing[]> {
  const standing = await Promise.all((await kinNames(path)).map(standingAt));
  return standing.filter((one) => one !== undefined);
}

async function kinNames(path: string): Promise<readonly string[]> {
  const [folder, stem] = [dirname(path), basename(stemOf(path))];
  const names = await readdir(folder).catch((error) => {
    if (codeOf(error) === "ENOENT") return [];
    throw fileFailure(error, folder, "look into");
  });
  return names
    .filter((name) => name.startsWith(stem) && /^(?:[._~-]|$)/.test(name.slice(stem.length)))
    .map((name) => join(folder, name))
    .map((one) => ({ one, age: one === path ? "" : (ageOf(one) ?? "0") }))
    .sort((a, b) => (a.age === b.age ? (a.one < b.one ? -1 : 1) : a.age > b.age ? -1 : 1))
    .map(({ one }) => one);
}

export function sameNames(one: readonly Standing[], other: readonly Standing[]): boolean {
  const names = (kin: readonly Standing[]) => kin.map(({ path, inode }) => `${inode} ${path}`).join("\n");
  return names(one) === names(other);
}

/** Those of `kin` that came after the one at `path`, in their order: `.1` after `.2`, `-20260202` after `-20260201`. */
export function laterThan(path: string, kin: readonly Standing[]): readonly Standing[] {
  const own = ageOf(path);
  // Where a packed one and its original stand side by side, the original comes first, and is enough.
  const later = new Map<string, Standing>();
  for (const one of own === undefined ? [] : kin) {
    const age = ageOf(one.path);
    if (age !== undefined && age.length === own?.length && age > own && !later.has(age)) later.set(age, one);
  }
  return [...later].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Texts that sort as the files came; undefined where the name doesn't tell. */
function ageOf(path: string): string | undefined {
  const digits = ADDED.exec(basename(path))?.[1]?.replace(/\D/g, "");
  if (digits === undefined || digits.length > MOST_DIGITS) return digits;
  return String(10 ** MOST_DIGITS - 1 - Number(digits)).padStart(MOST_DIGITS, "0");
}
