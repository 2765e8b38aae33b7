// Runs are killed at random instants, again and again, and started again: nothing is lost, and nothing doubled.
import { describe, expect, test } from "vitest";
import { checkDone, checkVisible, makeProof, type Proof, type ProofInput } from "../kit/proof-pipeline.ts";
import { REFUSED_SOME, runProof } from "../kit/proof-run.ts";
import { type Random, seeded } from "../kit/random.ts";

/** `STRM_CRASHES=200 npm test -- test/e2e/crash.test.ts` is the long run. */
const KILLS = Number(process.env.STRM_CRASHES ?? 24);
const LINES = 40_000;
/** Kills and starts until the job has come to its end. Returns how often it was killed. */
async function runToEnd(proof: Proof, wholeMs: number, random: Random): Promise<number> {
  for (let kills = 0; ; kills++) {
    const killAfterMs = random.below(wholeMs);
    const { code, stderr } = await runProof(proof, { workers: 1 + random.below(4), killAfterMs });
    if (code === REFUSED_SOME) return kills;
    expect(code, stderr).toBeNull();
    checkVisible(proof);
  }
}

/** How long a job takes that nothing happens to. */
async function wholeMs(proof: Proof): Promise<number> {
  const startMs = performance.now();
  expect((await runProof(proof)).code).toBe(REFUSED_SOME);
  const tookMs = performance.now() - startMs;
  await checkDone(proof);
  return Math.round(tookMs);
}

const INPUTS = ["file", "stdin", "csv"] as const satisfies readonly ProofInput[];

describe.each(INPUTS)("a pipeline that reads from %s and is killed at any instant", (input) => {
  test(
    `has every event once where it belongs after ${Math.ceil(KILLS / INPUTS.length)} kills`,
    async () => {
      const seed = Number(process.env.STRM_SEED ?? Date.now() % 1_000_000);
      process.stderr.write(`STRM_SEED=${seed}\n`);
      const random = seeded(seed);
      const latestMs = await wholeMs(makeProof(input, random.next(), LINES));
      for (let kills = 0; kills < KILLS / INPUTS.length; ) {
        const proof = makeProof(input, random.next(), LINES);
        kills += await runToEnd(proof, latestMs, random);
        await checkDone(proof);
      }
    },
    120_000 + KILLS * 10_000,
  );
});
