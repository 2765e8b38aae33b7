// YAML as PyYAML reads it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./cli.ts";
import { pythonPackages, runPython } from "./python.ts";

const program = fileURLToPath(new URL("read_yaml.py", import.meta.url));

/** The documents of a file; its path is relative to the repository's root. */
export async function readYaml<T>(path: string): Promise<readonly T[]> {
  const packages = await pythonPackages("yaml", ["pyyaml==6.0.4"]);
  const { code, stdout, stderr } = await runPython(packages, program, {
    input: readFileSync(join(root, path), "utf8"),
  });
  if (code !== 0) throw new Error(`${path}: ${stderr}`);
  const documents: readonly T[] = JSON.parse(stdout);
  return documents;
}
