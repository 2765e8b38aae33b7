// Batches ask for keys in their own order, whichever of them is scanned first and whichever needs none.
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "../../../runner/engine/turns.ts";
import type { KeyWant } from "../../../runner/kernel/kernel.ts";

const want = (value: string): KeyWant => ({ kind: "value", step: "safe", value, timeMs: 0 });

function batches(count: number) {
  const asked: string[] = [];
  const turns = new Turns();
  const made = Array.from({ length: count }, (_, i) =>
    turns.next(async (wants) => {
      asked.push(`${i} asks`);
      await setImmediate();
      asked.push(`${i} has`);
      return wants.map(() => undefined);
    }),
  );
  return { asked, made };
}

test("a batch that was scanned first waits for those before it", async () => {
  const { asked, made } = batches(3);
  await Promise.all([...made].reverse().map(({ answer }) => answer([want("a")])));
  expect(asked).toEqual(["0 asks", "0 has", "1 asks", "1 has", "2 asks", "2 has"]);
});

test("one that needs nothing lets nobody pass those before it", async () => {
  const { asked, made } = batches(4);
  made[1]!.done();
  made[2]!.done();
  const last = made[3]!.answer([want("b")]);
  await setImmediate();
  expect(asked).toEqual([]);
  await Promise.all([made[0]!.answer([want("a")]), last]);
  expect(asked).toEqual(["0 asks", "0 has", "3 asks", "3 has"]);
});

test("one that fails does not hold the next", async () => {
  const turns = new Turns();
  const failing = turns.next(() => Promise.reject(new Error("no store")));
  const next = turns.next(async () => []);
  await expect(failing.answer([want("a")])).rejects.toThrow("no store");
  await expect(next.answer([])).resolves.toEqual([]);
});
