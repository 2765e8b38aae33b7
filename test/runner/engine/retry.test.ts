// Patience: what may pass is tried again and told, what can't is not, and there is a bound on the whole.
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../../runner/engine/events.ts";
import { Reporter } from "../../../runner/engine/reporter.ts";
import { Retries } from "../../../runner/engine/retry.ts";
import { StrmFailure, TransientFailure } from "../../../runner/failure.ts";

const busy = () => new TransientFailure("file.io", "It is busy.", "Wait.");

function retries(boundMs = 10_000, giveUp = new AbortController().signal) {
  const events: RunEvent[] = [];
  const reporter = new Reporter((event) => events.push(event));
  return { events, made: new Retries(reporter, giveUp, { firstWaitMs: 2, maxWaitMs: 10, boundMs }) };
}

describe("what fails for a while", () => {
  test("is tried until it succeeds, and every wait is told", async () => {
    const { events, made } = retries();
    let left = 3;
    const result = await made.patiently("safe->file", async () => {
      if (left-- > 0) throw busy();
      return "done";
    });
    expect(result).toBe("done");
    expect(events).toMatchObject([
      { type: "retry", where: "safe->file", code: "file.io", attempt: 1, message: "It is busy." },
      { type: "retry", attempt: 2 },
      { type: "retry", attempt: 3 },
      { type: "recovered", where: "safe->file", attempts: 4 },
    ]);
    for (const event of events) if (event.type === "retry") expect(event.wait_ms).toBeLessThanOrEqual(10);
  });

  test("is given up at the bound with its own failure", async () => {
    const { events, made } = retries(30);
    await expect(made.patiently("keys", () => Promise.reject(busy()))).rejects.toMatchObject({
      code: "file.io",
    });
    expect(events.length).toBeGreaterThan(1);
  });

  test("is given up at once when the run gives up", async () => {
    const stop = new AbortController();
    const { made } = retries(60_000, stop.signal);
    const trying = made.patiently("keys", () => Promise.reject(busy()));
    setTimeout(() => stop.abort(), 10);
    await expect(trying).rejects.toMatchObject({ code: "file.io" });
  });
});

test("what fails for good is not tried again", async () => {
  const { events, made } = retries();
  let calls = 0;
  const work = async () => {
    calls++;
    throw new StrmFailure("file.denied", "No.", "Ask.");
  };
  await expect(made.patiently("safe->file", work)).rejects.toMatchObject({ code: "file.denied" });
  expect([calls, events.length]).toEqual([1, 0]);
});
