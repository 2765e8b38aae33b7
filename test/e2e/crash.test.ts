// Runs are killed at random instants, again and again, and started again: nothing is lost, and nothing doubled.
import { spawn } from "node:child_process";
import { closeSync, createReadStream, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import {
  checkDone,
  checkVisible,
  inputOf,
  makeProof,
  type Proof,
  type ProofInput,
} from "../kit/proof-pipeline.ts";
import { type Random, seeded } from "../kit/random.ts";

const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));

/** `STRM_CRASHES=200 npm test -- test/e2e/crash.test.ts` is the long run. */
const KILLS = Number(process.env.STRM_CRASHES ?? 24);
const LINES = 40_000;
/** Runs until its end, or until it is killed after a while. Resolves to the exit code; null: it was killed. */
async function runOnce(proof: Proof, workers: number, killAfterMs: number): Promise<number | null> {
  const piped = proof.input === "stdin" && killAfterMs % 2 === 0;
  const file = proof.input === "stdin" && !piped ? openSync(inputOf(proof), "r") : undefined;
  const child = spawn(
    process.execPath,
    [
      bin,
      "run",
      join(proof.folder, "proof.strm"),
      "--workers",
      String(workers),
      "--checkpoint-every",
      "100ms",
    ],
    { stdio: [file ?? (piped ? "pipe" : "ignore"), "ignore", "pipe"] },
  );
  const errors: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
  if (child.stdin !== null) {
    child.stdin.on("error", () => {});
    createReadStream(inputOf(proof)).pipe(child.stdin);
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  if (file !== undefined) closeSync(file);
  // 5: rejected events wait in the quarantine, which is what they should do.
  if (code !== null && code !== 5) throw new Error(`exit code ${code}: ${Buffer.concat(errors)}`);
  return code;
}

/** Kills and starts until the job has come to its end. Returns how often it was killed. */
async function runToEnd(proof: Proof, wholeMs: number, random: Random): Promise<number> {
  for (let kills = 0; ; kills++) {
    const code = await runOnce(proof, 1 + random.below(4), random.below(wholeMs));
    if (code !== null) return kills;
    checkVisible(proof);
  }
}

/** How long a job takes that nothing happens to. */
async function wholeMs(proof: Proof): Promise<number> {
  const startMs = performance.now();
  await runOnce(proof, 1, 60_000);
  const tookMs = performance.now() - startMs;
  await checkDone(proof);
  return Math.round(tookMs);
}

describe.each<ProofInput>(["file", "stdin"])(
  "a pipeline that reads from %s and is killed at any instant",
  (input) => {
    test(
      `has every event once where it belongs after ${KILLS / 2} kills`,
      async () => {
        const seed = Number(process.env.STRM_SEED ?? Date.now() % 1_000_000);
        process.stderr.write(`STRM_SEED=${seed}\n`);
        const random = seeded(seed);
        const latestMs = await wholeMs(makeProof(input, random.next(), LINES));
        for (let kills = 0; kills < KILLS / 2; ) {
          const proof = makeProof(input, random.next(), LINES);
          kills += await runToEnd(proof, latestMs, random);
          await checkDone(proof);
        }
      },
      120_000 + KILLS * 10_000,
    );
  },
);
