// Alive and ready: what each event does to them.
import { expect, test } from "vitest";
import { type Health, reduceHealth, unborn, whyDead, whyNotReady } from "../../../cli/serve/health.ts";
import type { RunEvent } from "../../../runner/index.ts";
import { at, continuing, ledgerOf, progress, started } from "../../kit/run-events.ts";

const PATIENCE_MS = 10_000;
const opened: RunEvent = { type: "opened", time: at(1) };
const read = (events: number, seconds: number): RunEvent => progress(ledgerOf(events), { time: at(seconds) });
const checkpoint = (events: number, seconds: number): RunEvent => ({
  type: "checkpoint",
  time: at(seconds),
  checkpoint: 1,
  events,
  took_ms: 250,
});
const retry = (where: string): RunEvent => ({
  type: "retry",
  time: at(2),
  where,
  code: "kafka.unreachable",
  message: "away",
  attempt: 1,
  wait_ms: 1,
  gives_up_in_ms: 1,
});

function after(...events: readonly RunEvent[]): Health {
  return events.reduce(reduceHealth, unborn);
}
const readiness = (seconds: number, ...events: readonly RunEvent[]) =>
  whyNotReady(after(...events), Date.parse(at(seconds)), PATIENCE_MS);

test("a run is ready once everything is open, and alive before", () => {
  expect(readiness(1, started())).toMatch(/not open yet/);
  expect(whyDead(after(started()))).toBeUndefined();
  expect(readiness(1, started(), opened)).toBeUndefined();
});

test("what was read waits for a checkpoint, and not for long", () => {
  expect(readiness(12, started(), opened, read(5, 2), read(9, 11))).toBeUndefined();
  expect(readiness(13, started(), opened, read(5, 2), read(9, 11))).toMatch(
    /no checkpoint has held for 11 s/,
  );
  expect(readiness(40, started(), opened, read(5, 2), checkpoint(5, 8))).toBeUndefined();
});

test("a checkpoint holds what came before it, also where that is told later", () => {
  expect(readiness(40, started(), opened, checkpoint(5, 2), read(5, 3))).toBeUndefined();
  expect(readiness(40, started(), opened, read(9, 2), checkpoint(5, 31))).toBeUndefined();
  expect(readiness(42, started(), opened, read(9, 2), checkpoint(5, 31))).toMatch(/for 11 s/);
  expect(readiness(42, started(), opened, checkpoint(5, 2), read(6, 3))).toMatch(/for 39 s/);
});

test("a run with nothing to do needs no checkpoint", () => {
  expect(readiness(59, started(), opened, read(0, 2))).toBeUndefined();
  expect(readiness(59, started(), opened, read(5, 2), checkpoint(5, 3), read(5, 4))).toBeUndefined();
  expect(readiness(59, continuing(7, ledgerOf(5)), opened, read(5, 4))).toBeUndefined();
});

test("a run that goes back to its checkpoint is not ready until all is open again", () => {
  expect(readiness(3, started(), opened, retry("safe"))).toBeUndefined();
  expect(readiness(3, started(), opened, retry("run"))).toMatch(/not open yet/);
  expect(readiness(3, started(), opened, retry("run"), opened)).toBeUndefined();
});

test("a run that stops is not ready, but alive; one that failed is neither", () => {
  const stopping: RunEvent = { type: "stopping", time: at(3), signal: "SIGTERM" };
  expect(readiness(3, started(), opened, stopping)).toMatch(/ending/);
  expect(whyDead(after(started(), opened, stopping))).toBeUndefined();
  const failed: RunEvent = { type: "failed", time: at(3), code: "run.locked", message: "m", help: "h" };
  expect(readiness(3, started(), opened, failed)).toMatch(/failed/);
  expect(whyDead(after(started(), opened, failed))).toMatch(/failed/);
});
