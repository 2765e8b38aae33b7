// Runs Python programs with packages of exact versions, which are fetched once and kept away from whatever else is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fetchedOnce, finished } from "./fetched-once.ts";
import type { Missing } from "./servers.ts";

const OLDEST_MINOR = 11;

/** For `needServer`: Python 3.11 or newer, which can get packages. */
export function pythonMissing(): Missing | undefined {
  const help = "Install Python 3.11 or newer with pip, or with the module `venv` (Debian: `python3-pip`).";
  const { minor, pip, venv } = pythonHere();
  if (minor === undefined) return { what: "there is no `python3`", help };
  if (minor < OLDEST_MINOR) return { what: `\`python3\` has version 3.${minor}`, help };
  if (!pip && !venv) return { what: "`python3` has neither pip nor ensurepip", help };
  return undefined;
}

function pythonHere(): { readonly minor?: number; readonly pip?: boolean; readonly venv?: boolean } {
  const has = (module: string) => `importlib.util.find_spec("${module}") is not None`;
  const facts = `[sys.version_info[1], ${has("pip")}, ${has("ensurepip")} and ${has("venv")}]`;
  const { stdout } = spawnSync("python3", [
    "-c",
    `import importlib.util, json, sys; print(json.dumps(${facts}))`,
  ]);
  const text = String(stdout ?? "");
  if (text === "") return {};
  const [minor, pip, venv]: [number, boolean, boolean] = JSON.parse(text);
  return { minor, pip, venv };
}

/**
 * The folder of packages, with all they need; programs that belong to them stand in its `bin`. A folder and not a virtual environment: that can't be moved, and so would
 * not appear whole or not at all; and Debian's Python makes none without a further package. `packages`: `name==version`, from PyPI.
 */
export async function pythonPackages(name: string, packages: readonly string[]): Promise<string> {
  const { minor = 0, pip = false } = pythonHere();
  const set = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  // Compiled modules are for one version of Python alone.
  return await fetchedOnce("python", `${name}-${set}-py3.${minor}`, async (work, target) => {
    const python = pip ? "python3" : await pythonWithPip(work);
    // Wheels alone: nothing is built, no code of packages runs while they are installed.
    const wish = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--target", target];
    await finished(python, ["-m", "pip", "install", ...wish, ...packages], work);
  });
}

async function pythonWithPip(work: string): Promise<string> {
  await finished("python3", ["-m", "venv", "with-pip"], work);
  const folder = process.platform === "win32" ? "Scripts" : "bin";
  return join(work, "with-pip", folder, "python");
}

export interface PythonResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PythonOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; empty where absent. */
  readonly input?: string;
}

/** Runs a program's file to its end, with the packages of a folder that `pythonPackages` gave and the standard library, and with nothing else. */
export async function runPython(
  packages: string,
  file: string,
  { args = [], cwd, env, input = "" }: PythonOptions = {},
): Promise<PythonResult> {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  // `-S`: what is installed on this machine, for everyone or for this user, stays out.
  const child = spawn("python3", ["-S", file, ...args], {
    cwd,
    env: { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (output.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (output.stderr += chunk));
  // It may end without having read it.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code: Number(code ?? -1), ...output };
}
