// What was read is known again by every later run, and takes little room.
import { expect, test } from "vitest";
import type { Position } from "../../../../runner/connectors/delivery.ts";
import { ReadObjects } from "../../../../runner/connectors/objects/read-objects.ts";
import { seeded } from "../../../kit/random.ts";

test("over many runs, each object is known by its last version", () => {
  const random = seeded(13);
  const versions = new Map<string, string>();
  const positions = new Map<string, Position>();
  for (let run = 0; run < 20; run++) {
    const read = new ReadObjects(JSON.parse(JSON.stringify([...positions])), true);
    for (const [key, version] of versions) {
      expect(read.compare({ key, version })).toBe("same");
      expect(read.compare({ key, version: `${version}x` })).toBe("other");
      expect(read.compare({ key: `${key}x`, version })).toBe("none");
    }
    for (let i = random.below(400); i >= 0; i--) {
      const object = { key: `k${random.below(3000)}`, version: String(random.next()) };
      const { partition, position } = read.finish(object);
      versions.set(object.key, object.version);
      positions.set(partition, position);
    }
  }
  expect(versions.size).toBeGreaterThan(1000);
  expect(positions.size).toBeGreaterThan(3);
});

test("the object in the middle is that of the last partition", () => {
  const positions = new Map<string, Position>();
  const read = new ReadObjects(new Map(), false);
  for (let i = 0; i < 1200; i++) {
    const object = { key: `k${i}`, version: "1" };
    for (const { partition, position } of [
      read.reading({ ...object, at: { line: i } }),
      read.finish(object),
    ]) {
      positions.set(partition, position);
    }
    expect(new ReadObjects(positions, false).half).toBeUndefined();
  }
  const { partition, position } = read.reading({ key: "z", version: "2", at: { line: 7 } });
  positions.set(partition, position);
  expect(new ReadObjects(positions, false).half).toEqual({ key: "z", version: "2", at: { line: 7 } });
});

test("a hundred thousand objects are 24 bytes each in the state", () => {
  const positions = new Map<string, Position>();
  const read = new ReadObjects(new Map(), false);
  for (let i = 0; i < 100_000; i++) {
    const { partition, position } = read.finish({ key: `folder/${i}.jsonl`, version: String(i) });
    positions.set(partition, position);
  }
  const sizes = [...positions.values()].map((position) => JSON.stringify(position).length);
  expect(sizes.length).toBeLessThan(200);
  expect(Math.max(...sizes)).toBeLessThan(13_000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_500_000);
});
