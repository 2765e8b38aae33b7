// The queue between reading and delivering: in order, bounded, and it ends on both sides.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { BoundedQueue } from "../../../runner/engine/bounded-queue.ts";

test("keeps the order and holds the writer back at its bound", async () => {
  const queue = new BoundedQueue<number>(2);
  let pushed = 0;
  const writing = (async () => {
    for (let i = 0; i < 10; i++) {
      await queue.push(i);
      pushed++;
    }
    queue.end();
  })();
  await sleep(5);
  expect(pushed).toBe(2);
  const read: number[] = [];
  for await (const value of queue) read.push(value);
  await writing;
  expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("an error comes behind the last value", async () => {
  const queue = new BoundedQueue<number>(3);
  await queue.push(1);
  queue.end({ error: new Error("read failed") });
  const read: number[] = [];
  await expect(
    (async () => {
      for await (const value of queue) read.push(value);
    })(),
  ).rejects.toThrow("read failed");
  expect(read).toEqual([1]);
});

test("a reader that leaves sets the writer free", async () => {
  const queue = new BoundedQueue<number>(1);
  await queue.push(1);
  const waiting = queue.push(2);
  for await (const _ of queue) break;
  await waiting;
  expect(await queue.push(3)).toBe(false);
});
