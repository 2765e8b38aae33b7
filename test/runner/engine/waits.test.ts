// For what a run waits: sums of time that has passed, also of waits that go on, and of several at once.
import { expect, test } from "vitest";
import { Waits } from "../../../runner/engine/waits.ts";

function clocked() {
  let nowMs = 1000;
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { waits: new Waits(() => nowMs), pass };
}

test("a wait counts while it goes on, and no longer when it has ended, well or not", async () => {
  const { waits, pass } = clocked();
  const write = Promise.withResolvers<string>();
  const waited = waits.during("safe->file", () => write.promise);
  pass(40);
  expect(waits.sums()).toEqual([{ on: "safe->file", waited_ms: 40 }]);
  pass(2);
  write.resolve("done");
  expect(await waited).toBe("done");
  pass(500);
  expect(waits.sums()).toEqual([{ on: "safe->file", waited_ms: 42 }]);
  await expect(waits.during("safe->file", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  pass(500);
  expect(waits.sums()).toEqual([{ on: "safe->file", waited_ms: 42 }]);
});

test("what waits for the same side by side counts for each", async () => {
  const { waits, pass } = clocked();
  const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const both = [waits.during("kernels", () => one.promise), waits.during("kernels", () => other.promise)];
  pass(10);
  one.resolve();
  await both[0];
  pass(5);
  expect(waits.sums()).toEqual([{ on: "kernels", waited_ms: 25 }]);
  other.resolve();
  await both[1];
});

test("values are handed on in order, and who gives them is told when nobody takes more", async () => {
  const { waits, pass } = clocked();
  let ended = false;
  async function* values() {
    try {
      for (const value of [1, 2, 3]) {
        pass(7);
        yield value;
      }
    } finally {
      ended = true;
    }
  }
  const taken: number[] = [];
  for await (const value of waits.each("clicks", values())) {
    taken.push(value);
    pass(100);
    if (value === 2) break;
  }
  expect(taken).toEqual([1, 2]);
  expect(ended).toBe(true);
  expect(waits.sums()).toEqual([{ on: "clicks", waited_ms: 14 }]);
});

test("it can be told what is waited for right now", async () => {
  const { waits } = clocked();
  const write = Promise.withResolvers<void>();
  const waited = waits.during("safe->file", () => write.promise);
  expect(waits.present()).toEqual(["safe->file"]);
  write.resolve();
  await waited;
  expect(waits.present()).toEqual([]);
});
