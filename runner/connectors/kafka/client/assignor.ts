// Shares partitions among the members of a group: evenly, and so that as few as possible move.
import { partitionKey, type TopicPartition } from "./partitions.ts";

export interface Candidate {
  readonly memberId: string;
  /** What is kept over restarts of the member; else its id. Members are told apart by it, so that a restart changes nothing. */
  readonly name: string;
  readonly topics: readonly string[];
  /** What it had up to now, in this generation of the group. */
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
}

/**
 * By member id. Loads differ by one at most wherever topics allow it, a partition moves only to make that so, and the same question always
 * has the same answer. `counts`: the number of partitions by topic; others are left out.
 */
export function assign(
  candidates: readonly Candidate[],
  counts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const members = [...candidates].sort((one, other) => compare(one.name, other.name));
  const readers = members.map((member) => new Reader(member));
  const topics = [...counts.keys()].sort(compare);
  const partitions = topics.flatMap((topic) =>
    Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
  );
  const owners = ownersOf(readers);
  for (const one of partitions) {
    const owner = owners.get(partitionKey(one.topic, one.partition));
    if (owner?.reads(one)) owner.take(one);
  }
  for (const one of partitions) {
    if (readers.some((reader) => reader.has(one))) continue;
    least(readers.filter((reader) => reader.reads(one)))?.take(one);
  }
  balance(readers);
  return new Map(readers.map((reader) => [reader.memberId, reader.partitions()]));
}

class Reader {
  readonly memberId: string;
  readonly candidate: Candidate;
  readonly #topics: ReadonlySet<string>;
  readonly #taken = new Map<string, TopicPartition>();

  constructor(candidate: Candidate) {
    this.memberId = candidate.memberId;
    this.candidate = candidate;
    this.#topics = new Set(candidate.topics);
  }

  get load(): number {
    return this.#taken.size;
  }

  reads({ topic }: TopicPartition): boolean {
    return this.#topics.has(topic);
  }

  has({ topic, partition }: TopicPartition): boolean {
    return this.#taken.has(partitionKey(topic, partition));
  }

  take(one: TopicPartition): void {
    this.#taken.set(partitionKey(one.topic, one.partition), one);
  }

  give(one: TopicPartition): void {
    this.#taken.delete(partitionKey(one.topic, one.partition));
  }

  /** The last one it got is the first to move. */
  partitions(): TopicPartition[] {
    return [...this.#taken.values()];
  }
}

/** Two claim a partition where one of them missed a generation: the younger claim holds. */
function ownersOf(readers: readonly Reader[]): ReadonlyMap<string, Reader> {
  const owners = new Map<string, Reader>();
  for (const reader of readers) {
    for (const { topic, partition } of reader.candidate.owned) {
      const key = partitionKey(topic, partition);
      const rival = owners.get(key)?.candidate;
      if (rival === undefined || rival.generation < reader.candidate.generation) owners.set(key, reader);
    }
  }
  return owners;
}

function least(readers: readonly Reader[]): Reader | undefined {
  return readers.reduce<Reader | undefined>(
    (best, reader) => (best === undefined || reader.load < best.load ? reader : best),
    undefined,
  );
}

/** Moves one partition after the other from who has two more than somebody else who reads its topic, the most loaded first. */
function balance(readers: readonly Reader[]): void {
  for (let moved = true; moved; ) {
    moved = [...readers].sort((one, other) => other.load - one.load).some((giver) => moveOne(giver, readers));
  }
}

function moveOne(giver: Reader, readers: readonly Reader[]): boolean {
  for (const one of giver.partitions().reverse()) {
    const taker = least(readers.filter((reader) => reader.reads(one)));
    if (taker === undefined || taker.load + 1 >= giver.load) continue;
    giver.give(one);
    taker.take(one);
    return true;
  }
  return false;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
