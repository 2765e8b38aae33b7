// Partitions are shared evenly, stay where they can, and every question has one answer.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assign, type Candidate } from "../../../../../runner/connectors/kafka/client/assignor.ts";
import {
  partitionKey,
  type TopicPartition,
} from "../../../../../runner/connectors/kafka/client/partitions.ts";

const topics = ["a", "b", "c"];
const counts = fc.record({ a: fc.nat(12), b: fc.nat(12), c: fc.nat(3) });
const countsOf = (record: Readonly<Record<string, number>>) => new Map(Object.entries(record));

function candidate(name: string, more: Partial<Candidate> = {}): Candidate {
  return { memberId: `id-${name}`, name, topics, owned: [], generation: 1, ...more };
}

const members = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
  .map((names) => names.map((name) => candidate(name)));

type Shares = ReadonlyMap<string, readonly TopicPartition[]>;
const loads = (shares: Shares): number[] => [...shares.values()].map(({ length }) => length);
const keysIn = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => partitionKey(topic, partition));

/** How many partitions are with another member than before. */
function moves(before: Shares, after: Shares): number {
  let moved = 0;
  for (const [member, partitions] of after) {
    const had = new Set(keysIn(before.get(member) ?? []));
    moved += keysIn(partitions).filter((key) => !had.has(key)).length;
  }
  return moved;
}

const withOwned = (candidates: readonly Candidate[], shares: Shares): Candidate[] =>
  candidates.map((one) => ({ ...one, owned: shares.get(one.memberId) ?? [] }));

test("each partition is with one member, and no two members are more than one apart", () => {
  fc.assert(
    fc.property(members, counts, (candidates, record) => {
      const shares = assign(candidates, countsOf(record));
      const all = [...shares.values()].flatMap(keysIn);
      expect(new Set(all).size).toBe(all.length);
      expect(all).toHaveLength(record.a + record.b + record.c);
      expect(Math.max(...loads(shares)) - Math.min(...loads(shares))).toBeLessThanOrEqual(1);
    }),
  );
});

test("the order of the members changes nothing", () => {
  fc.assert(
    fc.property(members, counts, (candidates, record) => {
      const one = assign(candidates, countsOf(record));
      const other = assign([...candidates].reverse(), countsOf(record));
      expect(new Map(other)).toEqual(new Map(one));
    }),
  );
});

test("nothing moves where nothing changed", () => {
  fc.assert(
    fc.property(members, counts, (candidates, record) => {
      const before = assign(candidates, countsOf(record));
      expect(moves(before, assign(withOwned(candidates, before), countsOf(record)))).toBe(0);
    }),
  );
});

test("a member that comes or goes moves no more than has to move", () => {
  fc.assert(
    fc.property(members, counts, (candidates, record) => {
      const before = assign(candidates, countsOf(record));
      const total = record.a + record.b + record.c;
      const joined = [...withOwned(candidates, before), candidate("joins")];
      const after = assign(joined, countsOf(record));
      const share = after.get("id-joins")?.length ?? 0;
      expect(moves(before, after)).toBe(share);
      expect(share).toBe(Math.floor(total / joined.length));

      const left = withOwned(candidates.slice(1), before);
      if (left.length === 0) return;
      const gone = before.get(candidates[0]?.memberId ?? "")?.length ?? 0;
      expect(moves(before, assign(left, countsOf(record)))).toBe(gone);
    }),
  );
});

describe("members of different topics", () => {
  test("get only what they read, and topics that nobody reads stay without", () => {
    const only = (name: string, ...read: readonly string[]) => candidate(name, { topics: read });
    const shares = assign([only("x", "a"), only("y", "a", "b")], countsOf({ a: 4, b: 4, c: 2 }));
    expect(keysIn(shares.get("id-x") ?? [])).toEqual(expect.arrayContaining(["a/0", "a/1", "a/2", "a/3"]));
    expect(loads(shares)).toEqual([4, 4]);
  });
});

test("of two that claim a partition, the one of the younger generation keeps it", () => {
  const owned = [{ topic: "a", partition: 0 }];
  const stale = candidate("1", { owned, generation: 4 });
  const fresh = candidate("2", { owned, generation: 5 });
  expect(assign([stale, fresh], countsOf({ a: 2 })).get("id-2")).toEqual(owned);
});
