// Tries before a run whether files are there to be read, and whether those that will be written can be; nothing is made.
import { constants } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import type { TryContext } from "../connector.ts";
import { codeOf, fileFailure } from "./failures.ts";
import { checkReplaceable } from "./in-place.ts";
import { PartNames } from "./part-names.ts";
import { findAll } from "./paths.ts";
import { refuseOdd } from "./regular.ts";
import type { fileSpec } from "./spec.ts";
import { Written } from "./written.ts";

/** Throws `file.*`. */
export async function tryFileSource(
  { path, follow }: OptionsOf<typeof fileSpec.source.options>,
  { baseDir, step }: TryContext,
): Promise<string> {
  const patterns = typeof path === "string" ? [path] : path;
  const paths = await findAll(baseDir, patterns, (pattern) => {
    if (!follow) throw nothingFound(step, pattern, baseDir);
  });
  for (const one of paths) await checkReadable(one);
  if (paths.length === 0) return "no file is there yet, and one is waited for";
  return paths.length === 1 ? "1 file can be read" : `${paths.length} files can be read`;
}

/** Fails before the first event is read rather than at the hundredth file. */
export async function checkReadable(path: string): Promise<void> {
  try {
    refuseOdd(await stat(path), path);
    await (await open(path, "r")).close();
  } catch (error) {
    throw fileFailure(error, path, "read");
  }
}

export function nothingFound(step: string, pattern: string, baseDir: string): StrmFailure {
  return new StrmFailure(
    "file.not-found",
    `Source \`${step}\` finds no file at \`${pattern}\`.`,
    `Correct \`path\`. Relative paths start at ${baseDir}.`,
  );
}

/** Throws `file.*`. */
export async function tryFileSink(
  { path, overwrite, every, max_size }: OptionsOf<typeof fileSpec.sink.options>,
  { baseDir, stateDir, step }: TryContext,
): Promise<string> {
  const target = resolve(baseDir, path);
  try {
    const folder = await standingAbove(target);
    await access(folder, constants.W_OK | constants.X_OK);
    // The state folder knows which files are our own, and may not be there yet.
    const written = await Written.open(stateDir, target);
    const names = new PartNames(target, "");
    const isThere = folder === dirname(target);
    const numbered = every !== undefined || max_size !== undefined;
    const parts = numbered ? (isThere ? await names.standing() : []) : [0];
    for (const part of parts) await checkReplaceable(names.pathOf(part), { overwrite, written, step });
    return isThere ? "its folder can be written to" : "its folder can be made";
  } catch (error) {
    throw fileFailure(error, target, "write");
  }
}

/** The nearest folder above that is there. */
async function standingAbove(path: string): Promise<string> {
  const folder = dirname(path);
  try {
    const status = await stat(folder);
    if (!status.isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    return folder;
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || folder === dirname(folder)) throw error;
    return standingAbove(folder);
  }
}
