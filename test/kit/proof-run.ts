// Runs a proof's pipeline in a process of its own, and lets it be killed, or fail at a seam.
import { spawn } from "node:child_process";
import { closeSync, createReadStream, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../runner/index.ts";
import type { Fault } from "./faults.ts";
import { inputOf, type Proof } from "./proof-pipeline.ts";

const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));
const preload = new URL("fault-preload.ts", import.meta.url).href;

/** The exit code of a run that came to its end: the broken lines wait in the quarantine. */
export const REFUSED_SOME = 5;

export interface ProofRunOptions {
  readonly workers?: number;
  readonly killAfterMs?: number;
  readonly fault?: Fault;
}

export interface ProofRun {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly stderr: string;
  readonly events: readonly RunEvent[];
}

export async function runProof(proof: Proof, options: ProofRunOptions = {}): Promise<ProofRun> {
  const { workers = 1, killAfterMs, fault } = options;
  // As often by a pipe as from a file: both are what a shell gives to a program.
  const piped = proof.input === "stdin" && (killAfterMs ?? 0) % 2 === 0;
  const file = proof.input === "stdin" && !piped ? openSync(inputOf(proof), "r") : undefined;
  const flags = ["--workers", String(workers), "--checkpoint-every", "100ms", "--output", "json"];
  const child = spawn(process.execPath, [bin, "run", join(proof.folder, "proof.strm"), ...flags], {
    stdio: [file ?? (piped ? "pipe" : "ignore"), "pipe", "pipe"],
    env: {
      PATH: process.env.PATH ?? "",
      ...proof.env,
      ...(fault && { NODE_OPTIONS: `--import ${preload}`, STRM_TEST_FAULT: JSON.stringify(fault) }),
    },
  });
  const [stdout, stderr]: readonly [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  if (child.stdin !== null) {
    child.stdin.on("error", () => {});
    createReadStream(inputOf(proof)).pipe(child.stdin);
  }
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  if (file !== undefined) closeSync(file);
  // A killed run's last line may be cut.
  const lines = Buffer.concat(stdout).toString().split("\n").slice(0, -1);
  return {
    code,
    stderr: Buffer.concat(stderr).toString(),
    events: lines.map((line) => JSON.parse(line)),
  };
}
