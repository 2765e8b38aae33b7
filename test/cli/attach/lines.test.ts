// Lines come out as they went in, however the bytes are cut, and none is longer than the bound.
import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf } from "../../../cli/attach/lines.ts";

async function* cutAt(text: string, sizes: readonly number[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  let from = 0;
  for (let i = 0; from < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

async function linesIn(text: string, sizes: readonly number[], mostBytes: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(cutAt(text, sizes), mostBytes, () => new Error("too long")))
    lines.push(line);
  return lines;
}

test("whole lines, wherever they are cut", async () => {
  const word = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\n", ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(word),
      word,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (lines, rest, sizes) => {
        const text = lines.map((line) => `${line}\n`).join("") + rest;
        expect(await linesIn(text, sizes, 1_000)).toEqual(lines.map((line) => line.toWellFormed()));
      },
    ),
  );
});

test("a line may be as long as the bound and no longer, also one that never ends", async () => {
  const long = "x".repeat(10_000);
  for (const sizes of [[1], [4_096], [100_000]]) {
    expect(await linesIn(`${long}\n\n`, sizes, 10_000)).toEqual([long, ""]);
    await expect(linesIn(`${long}x\n`, sizes, 10_000)).rejects.toThrow("too long");
    await expect(linesIn(`${long}x`, sizes, 10_000)).rejects.toThrow("too long");
  }
});
