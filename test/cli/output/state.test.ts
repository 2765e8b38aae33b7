// What is known of a run: what it did itself is told apart from what runs before it did.
import { expect, test } from "vitest";
import { nothingYet, presentRate, reduce, thisRun } from "../../../cli/output/state.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { at, continuing, ledgerOf, progress, started } from "../../kit/run-events.ts";

const viewOf = (...events: readonly RunEvent[]) => events.reduce(reduce, nothingYet);
const retry = (where: string, seconds: number, attempt: number): RunEvent => ({
  type: "retry",
  time: at(seconds),
  where,
  code: "file.io",
  message: "It is busy.",
  attempt,
  wait_ms: 100,
  gives_up_in_ms: 60_000,
});

test("a run that goes on counts and measures only what it did itself", () => {
  const now = ledgerOf(5000, { rejected: 20, elapsedMs: 2000 });
  const view = viewOf(continuing(7, ledgerOf(4000, { rejected: 15 })), progress(now));
  expect(thisRun(view, now)).toEqual({
    read: 1000,
    readBytes: 10_000,
    replayed: 0,
    withheld: 0,
    rejected: 5,
  });
  expect(presentRate(view)).toBe(500);
  expect(view.checkpoint).toBe(7);
  expect(viewOf(started(), progress(now))).toMatchObject({ checkpoint: 0 });
  expect(presentRate(viewOf(started(), progress(now)))).toBe(2500);
});

test("events that came out of the quarantine were not read", () => {
  const now = ledgerOf(100, { rejected: 12, replayed: 8 });
  const then = ledgerOf(100, { rejected: 10, replayed: 3 });
  const view = viewOf(started({ replays: true, continues: { checkpoint: 1, made: at(0), ledger: then } }));
  expect(thisRun(view, now)).toMatchObject({ read: 0, replayed: 5, rejected: 2 });
});

test("what is tried again is known by its place, since its first failure, until it succeeds", () => {
  const failing = [retry("safe->file", 1, 1), retry("keys", 2, 1), retry("safe->file", 5, 2)];
  const view = viewOf(started(), ...failing);
  expect(view.retrying).toMatchObject([
    { last: { where: "safe->file", attempt: 2 }, sinceMs: Date.parse(at(1)) },
    { last: { where: "keys" } },
  ]);
  const recovered: RunEvent = { type: "recovered", time: at(6), where: "safe->file", attempts: 3 };
  expect(reduce(view, recovered).retrying.map(({ last }) => last.where)).toEqual(["keys"]);
  // A run that goes back to its checkpoint opens all of them anew.
  const back = [retry("run", 7, 1), { type: "opened", time: at(8) } as const].reduce(reduce, view);
  expect(back.retrying.map(({ last }) => last.where)).toEqual(["run"]);
});
