// What every source must do, whatever it reads from.
import { expect, test } from "vitest";
import type { Chunk, Source } from "../../runner/connectors/connector.ts";

export interface SourceSubject {
  readonly source: Source;
  /** The bytes it must give in all, by origin, in order. */
  readonly expected: ReadonlyMap<string, Uint8Array>;
}

/** `open` makes a source of its own for each test. `endless`: one that ends only when it is stopped. */
export function sourceConformance(open: () => Promise<SourceSubject>, endless?: () => Promise<Source>): void {
  test("gives every byte of every origin, in order, with offsets, and says where each ends", async () => {
    const { source, expected } = await open();
    const given = await readWhole(source.chunks(new AbortController().signal));
    await source.close();
    expect([...given.keys()]).toEqual([...expected.keys()]);
    for (const [origin, bytes] of expected) expect(Buffer.compare(given.get(origin)!, bytes), origin).toBe(0);
  });

  test("leaves a chunk alone until the next one is asked for", async () => {
    const { source } = await open();
    for await (const chunk of source.chunks(new AbortController().signal)) {
      const before = Buffer.from(chunk.bytes);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(Buffer.compare(before, chunk.bytes)).toBe(0);
    }
    await source.close();
  });

  test("ends at once, without an error and without bytes, when it is stopped before it starts", async () => {
    const { source } = await open();
    let sizeBytes = 0;
    for await (const chunk of source.chunks(AbortSignal.abort())) sizeBytes += chunk.bytes.length;
    await source.close();
    expect(sizeBytes).toBe(0);
  });

  test("closes half-way", async () => {
    const { source } = await open();
    for await (const _ of source.chunks(new AbortController().signal)) break;
    await source.close();
  });

  if (endless !== undefined) {
    test("ends soon after a stop while it waits", async () => {
      const source = await endless();
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 50);
      const startMs = performance.now();
      for await (const _ of source.chunks(stop.signal));
      await source.close();
      expect(performance.now() - startMs).toBeLessThan(1000);
    });
  }
}

/** Bytes by origin; fails where an offset does not follow, or an origin goes on after its end. */
export async function readWhole(chunks: AsyncIterable<Chunk>): Promise<Map<string, Buffer>> {
  const given = new Map<string, Buffer>();
  const ended = new Set<string>();
  for await (const chunk of chunks) {
    expect(ended.has(chunk.origin)).toBe(false);
    const before = given.get(chunk.origin) ?? Buffer.alloc(0);
    expect(chunk.offsetBytes).toBe(before.length);
    given.set(chunk.origin, Buffer.concat([before, chunk.bytes]));
    if (chunk.last) ended.add(chunk.origin);
  }
  expect([...ended].sort()).toEqual([...given.keys()].sort());
  return given;
}
