// A run that fails, or dies, at each seam in turn loses nothing: it says why, and the next run goes on.
import { describe, expect, test } from "vitest";
import type { Fault, Seam } from "../kit/faults.ts";
import { checkDone, checkVisible, makeProof, type Proof } from "../kit/proof-pipeline.ts";
import { REFUSED_SOME, runProof } from "../kit/proof-run.ts";

const LINES = 6000;

type Error = Pick<Fault, "code" | "errcode">;

/** What the system may answer at a seam, and the code that the run fails with then. */
const failures: readonly (readonly [Seam, Error, string])[] = [
  ["key store", { errcode: 13 }, "keys.full"],
  ["key store", { errcode: 10 }, "keys.failed"],
  ["sink write", { code: "ENOSPC" }, "file.disk-full"],
  ["sink write", { code: "EIO" }, "file.io"],
  ["sink sync", { code: "EIO" }, "file.io"],
  ["note", { code: "EACCES" }, "file.denied"],
  ["rename", { code: "EROFS" }, "file.denied"],
  ["checkpoint", { errcode: 13 }, "run.state-folder"],
  ["checkpoint", { errcode: 8 }, "run.state-folder"],
  ["quarantine write", { code: "ENOSPC" }, "file.disk-full"],
];

/** What passes by itself, from which call on, and where the run says that it tries again. */
const passing: readonly (readonly [Seam, Error, number, RegExp])[] = [
  // Three come while the store is opened, where nothing is tried again.
  ["key store", { errcode: 5 }, 4, /^keys$/],
  ["sink write", { code: "EAGAIN" }, 2, /->file/],
  ["checkpoint", { errcode: 5 }, 2, /^checkpoint$/],
];

async function finish(proof: Proof): Promise<void> {
  const { code, stderr } = await runProof(proof, { workers: 2 });
  expect(code, stderr).toBe(REFUSED_SOME);
  await checkDone(proof);
}

describe("a run that dies", () => {
  const seams = [...new Set(failures.map(([seam]) => seam))];
  test.each(seams)("around: %s", async (seam) => {
    const proof = makeProof("file", 7, LINES);
    for (const nth of [1, 2]) {
      for (const how of ["kill before", "kill after"] as const) {
        const { code, stderr } = await runProof(proof, { fault: { seam, nth, how } });
        expect(code, stderr).toBeNull();
        checkVisible(proof);
      }
    }
    await finish(proof);
  });
});

describe("a run that fails", () => {
  test.each(failures)("at: %s, by %j, says %s", async (seam, error, expected) => {
    const proof = makeProof("file", 11, LINES);
    for (const nth of [1, 3]) {
      const { code, stderr, events } = await runProof(proof, { fault: { seam, nth, how: "fail", ...error } });
      expect(code, stderr).toBe(2);
      expect(events.at(-1)).toMatchObject({ type: "finished", outcome: "failed" });
      const failed = events.find(({ type }) => type === "failed");
      expect(failed).toMatchObject({ code: expected });
      expect(JSON.stringify(failed)).not.toMatch(/ {4}at |someone-/);
      checkVisible(proof);
    }
    await finish(proof);
  });

  test("for want of a thread says so, and does not hang", async () => {
    const proof = makeProof("file", 13, LINES);
    for (const nth of [1, 4]) {
      const { code, stderr, events } = await runProof(proof, {
        workers: 2,
        fault: { seam: "worker", nth, how: "fail" },
      });
      expect(code, stderr).toBe(2);
      expect(events.find(({ type }) => type === "failed")).toMatchObject({ code: "run.worker-died" });
    }
    await finish(proof);
  });
});

describe("a run that meets what passes", () => {
  test.each(passing)("at: %s, by %j, tries again and tells it", async (seam, error, nth, place) => {
    const proof = makeProof("file", 17, LINES);
    const fault: Fault = { seam, nth, times: 2, how: "fail", ...error };
    const { code, stderr, events } = await runProof(proof, { fault });
    expect(code, stderr).toBe(REFUSED_SOME);
    const where = expect.stringMatching(place);
    const told = events.filter(({ type }) => type === "retry" || type === "recovered");
    expect(told).toMatchObject([
      { type: "retry", where, attempt: 1 },
      { type: "retry", where, attempt: 2 },
      { type: "recovered", where, attempts: 3 },
    ]);
    await checkDone(proof);
  });
});
