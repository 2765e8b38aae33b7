// Pooled random bytes are as many as were asked for, and never the same twice.
import { expect, test } from "vitest";
import { randomBytesPooled } from "../../../runner/privacy/random.ts";

test("no two draws share a byte range, over many refills", () => {
  const drawn = Array.from({ length: 5000 }, (_, i) => randomBytesPooled(8 + (i % 30)));
  expect(drawn.map((bytes) => bytes.length)).toEqual(drawn.map((_, i) => 8 + (i % 30)));
  expect(new Set(drawn.map((bytes) => bytes.toString("hex").slice(0, 16))).size).toBe(drawn.length);
  // Each bit is set about half of the time.
  const bits = drawn
    .flatMap((bytes) => [...bytes])
    .reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  const all = 8 * drawn.reduce((sum, { length }) => sum + length, 0);
  expect(Math.abs(bits / all - 0.5)).toBeLessThan(0.005);
});

test("what was drawn belongs to whoever drew it", () => {
  const first = randomBytesPooled(16);
  const before = first.toString("hex");
  randomBytesPooled(16).fill(0);
  for (let i = 0; i < 300; i++) randomBytesPooled(16);
  expect(first.toString("hex")).toBe(before);
});
