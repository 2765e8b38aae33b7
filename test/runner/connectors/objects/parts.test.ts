// Bodies in parts: as many as stores take, a few at a time, and nothing left under way.
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { partBytesOf, sendParts } from "../../../../runner/connectors/objects/parts.ts";
import { bodyOf, patternBody, patternBytes } from "../../../kit/object-bodies.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;

test("parts are 8 MiB, and larger only where there would be more than ten thousand", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 * 1024 ** 4 }), (sizeBytes) => {
      const partBytes = partBytesOf(sizeBytes);
      expect(Math.ceil(sizeBytes / partBytes)).toBeLessThanOrEqual(10_000);
      expect(partBytes % (8 * MIB)).toBe(0);
      if (sizeBytes <= 10_000 * 8 * MIB) expect(partBytes).toBe(8 * MIB);
    }),
  );
});

test("all parts are sent once, no more than four at a time, and told in order", async () => {
  const body = patternBody(6 * 8 * MIB + 5);
  let [underWay, most] = [0, 0];
  const sent = await sendParts(
    body,
    async ({ number, bytes }) => {
      most = Math.max(most, ++underWay);
      await sleep(number % 3);
      underWay--;
      const start = (number - 1) * 8 * MIB;
      expect(Buffer.compare(bytes, patternBytes(start, start + bytes.length))).toBe(0);
      return `${number}: ${bytes.length}`;
    },
    never,
  );
  expect(sent).toEqual([...[1, 2, 3, 4, 5, 6].map((number) => `${number}: ${8 * MIB}`), "7: 5"]);
  expect(most).toBe(4);
});

test("where a part fails, the others are told to stop, and are waited for", async () => {
  let underWay = 0;
  const failing = sendParts(
    patternBody(20 * 8 * MIB),
    async ({ number }, signal) => {
      underWay++;
      try {
        if (number === 6) throw new Error("the sixth");
        await sleep(number < 6 ? 1 : 60_000, undefined, { signal });
      } finally {
        underWay--;
      }
    },
    never,
  );
  await expect(failing).rejects.toThrow("the sixth");
  expect(underWay).toBe(0);
});

test("where a body can't be read, nothing more is sent", async () => {
  const body = { ...bodyOf(""), sizeBytes: 9 * 8 * MIB };
  const sent: number[] = [];
  const failing = sendParts(
    { ...body, read: (start) => (start > 0 ? Promise.reject(new Error("unreadable")) : body.read(0, 0)) },
    async ({ number }) => void sent.push(number),
    never,
  );
  await expect(failing).rejects.toThrow("unreadable");
  expect(sent).toEqual([1]);
});
