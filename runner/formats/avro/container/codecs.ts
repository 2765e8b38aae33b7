// How the blocks of an object container file are packed: Avro 1.11, "Required Codecs" and "Optional Codecs".
import { promisify } from "node:util";
import { constants, crc32, deflateRaw, inflateRaw, zstdCompress, zstdDecompress } from "node:zlib";
import { ContainerFault } from "./fault.ts";
import { unpackSnappy } from "./snappy.ts";

/** Those that are written, by the names of the specification. */
export type WrittenCodec = "null" | "deflate" | "zstandard";

/** A block must be in memory whole, packed and unpacked; programs make them of 16 KiB to a few MiB. */
export const MAX_BLOCK_BYTES = 67_108_864;

type Unpack = (packed: Uint8Array) => Promise<Uint8Array>;

const bounded = { maxOutputLength: MAX_BLOCK_BYTES };
const deflated = promisify<Uint8Array, object, Buffer>(deflateRaw);
const inflated = promisify<Uint8Array, object, Buffer>(inflateRaw);
const zstdPacked = promisify<Uint8Array, object, Buffer>(zstdCompress);
const zstdUnpacked = promisify<Uint8Array, object, Buffer>(zstdDecompress);

const unpackers: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["null", (packed) => Promise.resolve(packed)],
  ["deflate", (packed) => inflated(packed, bounded)],
  ["zstandard", (packed) => zstdUnpacked(packed, bounded)],
  ["snappy", async (packed) => unpackChecked(packed)],
]);

/** Throws a `ContainerFault` for codecs that there is no telling how to unpack here. */
export function unpackerOf(codec: string): Unpack {
  const unpack = unpackers.get(codec);
  if (unpack === undefined)
    throw new ContainerFault("unsupported", `its blocks are packed by \`${codec.slice(0, 32)}\``);
  return (packed) =>
    unpack(packed).catch((error: unknown) => {
      const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
      if (tooLarge) throw tooLargeBlock();
      throw new ContainerFault("damaged", "a block of it can't be unpacked");
    });
}

export function tooLargeBlock(): ContainerFault {
  return new ContainerFault("unsupported", `a block of it has more than ${MAX_BLOCK_BYTES / 1_048_576} MiB`);
}

/** Each at its fastest level, as other files are packed. */
export function packed(bytes: Uint8Array, codec: WrittenCodec): Promise<Uint8Array> {
  switch (codec) {
    case "null":
      return Promise.resolve(bytes);
    case "deflate":
      return deflated(bytes, { level: constants.Z_BEST_SPEED });
    case "zstandard":
      return zstdPacked(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  }
}

/** Behind Snappy's own bytes stands the checksum of what they unpack to, in four bytes, big endian. */
function unpackChecked(bytes: Uint8Array): Buffer {
  const end = bytes.length - 4;
  if (end < 0) throw new RangeError("the checksum is missing");
  const unpacked = unpackSnappy(bytes.subarray(0, end), MAX_BLOCK_BYTES);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0);
  if (crc32(unpacked) !== checksum) throw new RangeError("the checksum is another one");
  return unpacked;
}
