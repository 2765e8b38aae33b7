// The codecs of record batches: gzip, zstd, Snappy in the framing of Java's client, LZ4 frames.
import { promisify } from "node:util";
import { gunzipSync, gzip, zstdCompress, zstdDecompressSync } from "node:zlib";

/** In the order of their numbers in a batch's attributes. */
export const compressions = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Compression = (typeof compressions)[number];

/** What a batch may unpack to: a few bytes can pretend to be many gigabytes. */
export const MAX_UNPACKED_BYTES = 268_435_456;

const bounded = { maxOutputLength: MAX_UNPACKED_BYTES };
const gzipped = promisify(gzip);
const zstdPacked = promisify(zstdCompress);

export async function compress(bytes: Uint8Array, by: Exclude<Compression, "none">): Promise<Buffer> {
  switch (by) {
    case "gzip":
      return gzipped(bytes);
    case "zstd":
      return zstdPacked(bytes);
    case "snappy":
      return xerialFrame((await codecs()).snappy.compressSync(asBuffer(bytes)));
    case "lz4":
      return (await codecs()).lz4.compressSync(asBuffer(bytes));
  }
}

/** Throws where the bytes are not what they should be, or unpack to more than the bound. */
export async function decompress(bytes: Buffer, by: Exclude<Compression, "none">): Promise<Buffer> {
  switch (by) {
    case "gzip":
      return gunzipSync(bytes, bounded);
    case "zstd":
      return zstdDecompressSync(bytes, bounded);
    case "snappy": {
      const { snappy } = await codecs();
      const blocks = snappyBlocks(bytes);
      expectWithin(blocks.reduce((sum, block) => sum + snappySize(block), 0));
      return Buffer.concat(blocks.map((block) => snappy.decompressSync(block)));
    }
    case "lz4": {
      const { lz4 } = await codecs();
      expectWithin(lz4Size(bytes));
      return lz4.decompressSync(bytes);
    }
  }
}

/** Takes half a second: only who needs it waits for it. */
async function codecs() {
  const { compressionsAlgorithms } = await import("@platformatic/kafka");
  return compressionsAlgorithms;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function expectWithin(sizeBytes: number): void {
  if (sizeBytes > MAX_UNPACKED_BYTES) throw new RangeError("it would unpack to too much");
}

/** A magic number and two versions (`SnappyCodec` of snappy-java); then blocks, each behind its length. */
const xerialHeader = Buffer.from("82534e41505059000000000100000001", "hex");
const XERIAL_MAGIC_BYTES = 8;

function xerialFrame(block: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(block.length);
  return Buffer.concat([xerialHeader, length, block]);
}

/** Some clients write one block without a frame. */
function snappyBlocks(bytes: Buffer): readonly Buffer[] {
  const magic = xerialHeader.subarray(0, XERIAL_MAGIC_BYTES);
  if (!bytes.subarray(0, XERIAL_MAGIC_BYTES).equals(magic)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = xerialHeader.length; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end <= at || end > bytes.length) throw new RangeError("a block of Snappy ends too early");
    blocks.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}

/** What a block unpacks to stands at its beginning. */
function snappySize(block: Buffer): number {
  let sizeBytes = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at);
    sizeBytes += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return sizeBytes;
  }
  throw new RangeError("a block of Snappy has no length");
}

/** At most what the blocks of a frame unpack to: the frame says how large one may be (LZ4 frame format, version 1.6.1). */
function lz4Size(bytes: Buffer): number {
  const flags = bytes.readUInt8(4);
  const blockBytes = 2 ** (8 + 2 * ((bytes.readUInt8(5) >> 4) & 7));
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  for (let sizeBytes = 0; ; sizeBytes += blockBytes) {
    const length = bytes.readUInt32LE(at) & 0x7fffffff;
    if (length === 0) return sizeBytes;
    at += 4 + length + (flags & 0x10 ? 4 : 0);
  }
}
