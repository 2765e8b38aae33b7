// A hundred thousand objects take little memory, read or followed, and little state.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import type { Positions } from "../../../../runner/connectors/delivery.ts";
import { openObjectSource } from "../../../../runner/connectors/objects/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { ManyObjects } from "../../../kit/many-objects.ts";

const OBJECTS = 100_000;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test.each([
  [false, 12_000_000],
  [true, 25_000_000],
])(
  "a hundred thousand objects are read in flat memory (follow: %s)",
  { timeout: 120_000 },
  async (follow, most) => {
    const context = sourceContext(emptyFolder());
    const options = { prefix: "", follow, poll_every: 60_000, changed: "fail" } as const;
    const readAll = async (resume: Positions) => {
      const before = heldBytes();
      const store = new ManyObjects(OBJECTS);
      const source = await openObjectSource(options, { ...context, resume }, store);
      const stop = new AbortController();
      // One that follows ends when it is told to.
      if (resume.size > 0) store.listed = () => stop.abort();
      const positions = new Map(resume);
      let lines = 0;
      for await (const { partition, position, content } of source.items(stop.signal)) {
        positions.set(partition, position);
        if (content.kind !== "batch" || content.batch.bytes.length === 0) continue;
        context.buffers.give(content.batch.bytes.buffer);
        if (++lines === OBJECTS && follow) stop.abort();
      }
      const grown = heldBytes() - before;
      await source.close();
      return { lines, positions, grown };
    };
    const first = await readAll(new Map());
    expect(first.lines).toBe(OBJECTS);
    expect(first.grown).toBeLessThan(most);
    const kept = JSON.stringify([...first.positions]);
    expect(kept.length).toBeLessThan(2_600_000);
    const second = await readAll(new Map(JSON.parse(kept)));
    expect(second.lines).toBe(0);
    expect(second.grown).toBeLessThan(most);
  },
);
