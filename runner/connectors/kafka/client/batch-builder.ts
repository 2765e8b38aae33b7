// Packs messages of one partition into a record batch (version 2, KIP-98).

import { crc32c } from "../../crc32c.ts";
import type { Header } from "../../delivery.ts";
import { attribute, HEAD_BYTES, headAt } from "./batch-head.ts";
import { type Compression, compress, compressions } from "./compression.ts";

export interface Message {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  /** Epoch milliseconds. */
  readonly timestampMs: number;
}

/** Who writes a batch, and as the how manyeth of its messages for the partition. */
export interface BatchStamp {
  readonly producerId: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly transactional: boolean;
}

const FIRST_BYTES = 16_384;

export class BatchBuilder {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = HEAD_BYTES;
  #count = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = 0;

  get count(): number {
    return this.#count;
  }

  /** Head and records, before compression. */
  get sizeBytes(): number {
    return this.#length;
  }

  /** Copies the message. */
  append({ key, value, headers, timestampMs }: Message): void {
    if (this.#count === 0) {
      this.#baseTimestampMs = timestampMs;
      this.#maxTimestampMs = timestampMs;
    }
    this.#maxTimestampMs = Math.max(this.#maxTimestampMs, timestampMs);
    const timestampDelta = timestampMs - this.#baseTimestampMs;
    const names = headers.map(({ name }) => Buffer.from(name));
    let bodyBytes = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(this.#count);
    bodyBytes += sizeOfField(key) + sizeOfField(value) + sizeOfVarint(headers.length);
    headers.forEach((header, i) => {
      bodyBytes += sizeOfField(names[i] ?? null) + sizeOfField(header.value);
    });
    this.#room(bodyBytes + 5);
    this.#varint(bodyBytes);
    this.#bytes[this.#length++] = 0;
    this.#varlong(timestampDelta);
    this.#varint(this.#count);
    this.#field(key);
    this.#field(value);
    this.#varint(headers.length);
    headers.forEach((header, i) => {
      this.#field(names[i] ?? null);
      this.#field(header.value);
    });
    this.#count++;
  }

  /** The batch. The same messages may be stamped only once: brokers know a batch by its stamp. */
  async finish(stamp: BatchStamp, by: Compression): Promise<Buffer> {
    const head = this.#bytes.subarray(0, HEAD_BYTES);
    const plain = this.#bytes.subarray(HEAD_BYTES, this.#length);
    const records = by === "none" ? plain : await compress(plain, by);
    const attributes = compressions.indexOf(by) | (stamp.transactional ? attribute.transactional : 0);
    head.fill(0);
    head.writeInt32BE(HEAD_BYTES - headAt.leaderEpoch + records.length, headAt.length);
    head.writeInt32BE(-1, headAt.leaderEpoch);
    head.writeInt8(2, headAt.magic);
    head.writeInt16BE(attributes, headAt.attributes);
    head.writeInt32BE(this.#count - 1, headAt.lastOffsetDelta);
    writeInt64(head, this.#baseTimestampMs, headAt.baseTimestamp);
    writeInt64(head, this.#maxTimestampMs, headAt.maxTimestamp);
    writeInt64(head, stamp.producerId, headAt.producerId);
    head.writeInt16BE(stamp.epoch, headAt.producerEpoch);
    head.writeInt32BE(stamp.sequence, headAt.baseSequence);
    head.writeInt32BE(this.#count, headAt.count);
    const whole = by === "none" ? this.#bytes.subarray(0, this.#length) : Buffer.concat([head, records]);
    whole.writeUInt32BE(crc32c(whole, headAt.attributes), headAt.crc);
    return whole;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  #varint(value: number): void {
    let n = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; n > 0x7f; n >>>= 7) this.#bytes[this.#length++] = (n & 0x7f) | 0x80;
    this.#bytes[this.#length++] = n;
  }

  #varlong(value: number): void {
    let n = zigzag(value);
    for (; n > 0x7f; n = Math.floor(n / 128)) this.#bytes[this.#length++] = (n % 128) | 0x80;
    this.#bytes[this.#length++] = n;
  }

  #field(value: Uint8Array | null): void {
    if (value === null) {
      this.#varint(-1);
      return;
    }
    this.#varint(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function sizeOfVarlong(value: number): number {
  let sizeBytes = 1;
  for (let n = zigzag(value); n > 0x7f; n = Math.floor(n / 128)) sizeBytes++;
  return sizeBytes;
}

const sizeOfVarint = sizeOfVarlong;

const sizeOfField = (value: Uint8Array | null): number =>
  value === null ? 1 : sizeOfVarint(value.length) + value.length;

function writeInt64(bytes: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * 2 ** 32, at + 4);
}
