// The head of a record batch (version 2, KIP-98), and which batches lie in what was fetched.

import { crc32c } from "../../crc32c.ts";
import { type Compression, compressions } from "./compression.ts";

/** Everything before the records. */
export const HEAD_BYTES = 61;
/** Before what `sizeBytes` of the head counts on the wire. */
const PREFIX_BYTES = 12;
const MAGIC = 2;

export const headAt = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const;

export const attribute = { compression: 0x07, appendTime: 0x08, transactional: 0x10, control: 0x20 } as const;

export interface BatchHead {
  readonly baseOffset: number;
  /** Where the next batch begins. */
  readonly nextOffset: number;
  readonly compression: Compression;
  readonly baseTimestampMs: number;
  /** Of all its messages, where the topic takes the time of appending. */
  readonly appendTimestampMs: number | undefined;
  readonly producerId: number;
  readonly transactional: boolean;
  /** It holds no messages, but how a transaction ended. */
  readonly control: boolean;
  readonly count: number;
  /** Head and records. */
  readonly bytes: Buffer;
}

/** The whole batches in what was fetched; brokers cut the last one where they have sent enough. Throws where one is damaged. */
export function* batchesIn(records: Buffer): Generator<BatchHead, void, void> {
  for (let at = 0; at + HEAD_BYTES <= records.length; ) {
    const end = at + PREFIX_BYTES + records.readInt32BE(at + headAt.length);
    if (end > records.length) return;
    if (records[at + headAt.magic] !== MAGIC) throw new RangeError("the format is that of before Kafka 0.11");
    if (end < at + HEAD_BYTES) throw new RangeError("a batch is shorter than its head");
    yield headOf(records.subarray(at, end));
    at = end;
  }
}

/** Throws where the bytes are not those that were sent. */
export function checkBatch({ bytes }: BatchHead): void {
  if (crc32c(bytes, headAt.attributes) !== bytes.readUInt32BE(headAt.crc)) {
    throw new RangeError("the checksum is wrong");
  }
}

function headOf(bytes: Buffer): BatchHead {
  const attributes = bytes.readInt16BE(headAt.attributes);
  const compression = compressions[attributes & attribute.compression];
  if (compression === undefined) throw new RangeError("the codec is unknown");
  const baseOffset = readInt64(bytes, headAt.baseOffset);
  return {
    baseOffset,
    nextOffset: baseOffset + bytes.readInt32BE(headAt.lastOffsetDelta) + 1,
    compression,
    baseTimestampMs: readInt64(bytes, headAt.baseTimestamp),
    appendTimestampMs: attributes & attribute.appendTime ? readInt64(bytes, headAt.maxTimestamp) : undefined,
    producerId: readInt64(bytes, headAt.producerId),
    transactional: (attributes & attribute.transactional) !== 0,
    control: (attributes & attribute.control) !== 0,
    count: bytes.readInt32BE(headAt.count),
    bytes,
  };
}

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
