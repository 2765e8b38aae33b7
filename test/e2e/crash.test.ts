// Runs are killed at random instants, again and again, and started again: nothing is lost, and nothing doubled.
import { describe, test } from "vitest";
import { proveByKills } from "../kit/proof-kills.ts";
import { makeProof, type ProofInput } from "../kit/proof-pipeline.ts";

/** `STRM_CRASHES=200 npm test -- test/e2e/crash.test.ts` is the long run. */
const KILLS = Number(process.env.STRM_CRASHES ?? 24);
const LINES = 40_000;
const INPUTS = ["file", "stdin", "csv"] as const satisfies readonly ProofInput[];

describe.each(INPUTS)("a pipeline that reads from %s and is killed at any instant", (input) => {
  const kills = Math.ceil(KILLS / INPUTS.length);
  test(
    `has every event once where it belongs after ${kills} kills`,
    async () => {
      await proveByKills(kills, (seed) => makeProof(input, seed, LINES));
    },
    120_000 + KILLS * 10_000,
  );
});
