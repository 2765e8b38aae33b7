// Chooses partitions as Java's client does, so that a key's messages stay together whoever writes them.

/** Murmur2 over the key (`BuiltInPartitioner.partitionForKey` of Kafka's client): the same for equal keys and counts, in every client. */
export function partition(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fffffff) % count;
}

const M = 0x5bd1e995;

/** MurmurHash2, 32 bits, with the seed of Kafka's `Utils.murmur2`. */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  let hash = 0x9747b28c ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let k =
      byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(k, M);
  }
  if (whole < length) {
    for (let at = length - 1; at >= whole; at--) hash ^= byte(data, at) << (8 * (at - whole));
    hash = Math.imul(hash, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

const byte = (data: Uint8Array, at: number): number => data[at] ?? 0;

/** Spreads messages without a key: as many as fill a batch go to one partition, then another is chosen (KIP-794). */
export class StickyPartition {
  readonly #count: number;
  readonly #batchBytes: number;
  #partition: number;
  #takenBytes = 0;

  constructor(count: number, batchBytes: number) {
    this.#count = count;
    this.#batchBytes = batchBytes;
    this.#partition = Math.floor(Math.random() * count);
  }

  next(sizeBytes: number): number {
    if (this.#takenBytes >= this.#batchBytes) {
      this.#partition = (this.#partition + 1) % this.#count;
      this.#takenBytes = 0;
    }
    this.#takenBytes += sizeBytes;
    return this.#partition;
  }
}
