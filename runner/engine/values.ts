// Looks up what `env`, `secret` and `file` stand for where the pipeline runs.
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Reference } from "../../dsl/spec/option-value.ts";
import { type Lookup, type OptionProblem, resolveReference } from "../../dsl/spec/resolve.ts";
import { StrmFailure } from "../failure.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where container platforms mount secrets, one file each. */
const DEFAULT_SECRETS_DIR = "/run/secrets";

/** Files are looked up from `baseDir`, the folder of the pipeline's file. A text's last line end is not part of it. */
export function lookupIn(environment: Environment, baseDir: string): Lookup {
  return (reference) => {
    if ("$env" in reference) return variable(environment, reference.$env);
    if ("$file" in reference) return fileText(resolve(baseDir, reference.$file));
    const name = reference.$secret;
    const folder = environment.STRM_SECRETS_DIR ?? DEFAULT_SECRETS_DIR;
    const mounted = basename(name) === name ? fileText(join(folder, name)) : undefined;
    return mounted ?? variable(environment, name);
  };
}

/** One value that a statement, not a connector, asks for. Throws as `valueFailure` does. */
export function requiredValue(reference: Reference, option: string, step: string, lookup: Lookup): string {
  const resolved = resolveReference(reference, option, lookup);
  if (resolved.ok) return resolved.value;
  throw valueFailure(resolved.problems.map((problem) => ({ step, problem })));
}

export interface StepProblem {
  readonly step: string;
  readonly problem: OptionProblem;
}

/** All values that are missing, in one failure: nobody wants to learn of them one run at a time. */
export function valueFailure(problems: readonly StepProblem[]): StrmFailure {
  const secret = problems.every(({ problem }) => problem.reference?.startsWith("secret(") === true);
  return new StrmFailure(
    secret ? "secret.missing" : "value.unresolved",
    problems.map(({ step, problem }) => `\`${step}\`: ${problem.message}`).join("\n"),
    secret
      ? "Put each into a file of its name in the folder STRM_SECRETS_DIR (default /run/secrets), or into an environment variable of its name."
      : "Set the variable, or write the file, and run again.",
  );
}

export function unknownStore(name: string, store: string): StrmFailure {
  return new StrmFailure(
    "run.unknown-connector",
    `\`${name}\` needs the key store \`${store}\`, which this strm lacks.`,
    "Run `strm check` on the pipeline with this version of strm.",
  );
}

function variable(environment: Environment, name: string): { readonly text: string } | undefined {
  const text = environment[name];
  return text === undefined ? undefined : { text };
}

function fileText(path: string): ReturnType<Lookup> {
  try {
    return { text: readFileSync(path, "utf8").replace(/\r?\n$/, "") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return { problem: code === "EACCES" ? "access is denied" : "it is not a readable file" };
  }
}
