// Reads a Containerfile, and does in folders what its steps would do in an image: where there is no container engine.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./cli.ts";

export interface Step {
  readonly instruction: string;
  readonly rest: string;
}

/** By stage: the name behind `AS`, `final` for the last one. */
export function stagesOf(path: string): ReadonlyMap<string, readonly Step[]> {
  const stages = new Map<string, Step[]>();
  let steps: Step[] = [];
  const text = readFileSync(join(root, path), "utf8").replaceAll("\\\n", " ");
  for (const line of text.split("\n")) {
    const [, instruction = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (instruction === "FROM") {
      steps = [];
      stages.set(/ AS (\w+)$/.exec(rest)?.[1] ?? "final", steps);
    } else if (instruction !== "") steps.push({ instruction, rest });
  }
  return stages;
}

/** Who steps run as, instead of the user of the tests. */
export interface StepUser {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Does the `COPY` and `RUN` steps of a stage, in order, with `folder` for its working directory. What the context leaves out is not copied, since `COPY` names
 * all that it takes. Throws where a step fails, and for a step that it does not know.
 */
export async function doSteps(steps: readonly Step[], folder: string, user: StepUser): Promise<void> {
  for (const { instruction, rest } of steps) {
    if (instruction === "WORKDIR") continue;
    if (instruction === "COPY") copyStep(rest, folder, user);
    else if (instruction === "RUN") await runStep(rest, folder, user);
    else throw new Error(`${instruction} can't be done in a folder`);
  }
}

function copyStep(rest: string, folder: string, { uid, gid }: StepUser): void {
  const paths = rest.split(/\s+/);
  const to = paths.pop() ?? "";
  for (const path of paths) {
    const target = to.endsWith("/") ? join(folder, to, basename(path)) : join(folder, to);
    cpSync(join(root, path), target, { recursive: true });
  }
  if (uid !== undefined && gid !== undefined) execFileSync("chown", ["-R", `${uid}:${gid}`, folder]);
}

async function runStep(command: string, cwd: string, user: StepUser): Promise<void> {
  // Node is the one that runs the tests, as that of the base image would be; npm's cache is the user's own.
  const home = join(cwd, "home");
  const path = `${join(process.execPath, "..")}:${process.env.PATH ?? ""}`;
  const env = { ...process.env, HOME: home, npm_config_cache: home, PATH: path };
  const child = spawn("sh", ["-c", command], { cwd, env, ...user, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}`);
}
