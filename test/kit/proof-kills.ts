// Kills runs of a proof at random instants, until its job has come to its end.
import { expect } from "vitest";
import { checkDone, checkVisible, type Proof } from "./proof-pipeline.ts";
import { REFUSED_SOME, runProof } from "./proof-run.ts";
import { type Random, seeded } from "./random.ts";

/** At least so many kills; `STRM_SEED` repeats them. `make` makes proofs that are alike. */
export async function proveByKills(
  kills: number,
  make: (seed: number) => Proof | Promise<Proof>,
): Promise<void> {
  const seed = Number(process.env.STRM_SEED ?? Date.now() % 1_000_000);
  process.stderr.write(`STRM_SEED=${seed}\n`);
  const random = seeded(seed);
  const latestMs = await wholeMs(await make(random.next()));
  for (let done = 0; done < kills; ) {
    const proof = await make(random.next());
    done += await runToEnd(proof, latestMs, random);
    await checkDone(proof);
  }
}

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
