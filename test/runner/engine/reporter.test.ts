// What is told of a run, and in which order.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../runner/engine/events.ts";
import { Reporter } from "../../../runner/engine/reporter.ts";

test("no progress that was put off comes behind the end", async () => {
  const events: RunEvent["type"][] = [];
  const reporter = new Reporter(({ type }) => events.push(type));
  reporter.progress();
  const ledger = reporter.snapshot();
  reporter.send({
    type: "finished",
    outcome: "failed",
    ledger,
    summary: reporter.summary(ledger),
    quarantine: null,
  });
  await sleep(700);
  expect(events).toEqual(["finished"]);
});
