// What a file is made of: bytes as they come, frames that stand alone, or the blocks of an Avro object container file.
import { packed, type WrittenCodec } from "../../formats/avro/container/codecs.ts";
import { headerBytes, SYNC_BYTES } from "../../formats/avro/container/header.ts";
import { long } from "../../plan/encode-default.ts";
import type { SinkContext } from "../connector.ts";
import { type Compression, FRAME_BYTES, type Frame, packerOf } from "./frames.ts";

export interface Form {
  /** Bytes that each file has for itself, made at random when it is begun. */
  readonly syncBytes: number;
  /** How much is gathered into one frame, about. */
  readonly frameBytes: number;
  /** What a file begins with. */
  readonly header: (sync: Uint8Array) => Uint8Array;
  /** The header is packed with the first events; else it stands before all frames as it is. */
  readonly packsHeader: boolean;
  /** Without `pack`: less than a frame is gathered until it is one, too. */
  readonly gathers?: true;
  /** Absent: bytes are written as they are. */
  readonly pack?: (frame: Frame, sync: Uint8Array) => Promise<Uint8Array>;
}

/** Programs make blocks of that size, and take them into memory whole. */
const BLOCK_BYTES = 65_536;

const codecs = { none: "null", gzip: "deflate", zstd: "zstandard" } as const satisfies Record<
  Compression,
  WrittenCodec
>;

export function formOf(compression: Compression, { format, header, schema }: SinkContext): Form {
  if (format !== "avro") return lineForm(compression, header);
  if (schema === undefined) throw new Error("a sink of Avro has no schema");
  const codec = codecs[compression];
  return {
    syncBytes: SYNC_BYTES,
    frameBytes: BLOCK_BYTES,
    header: (sync) => headerBytes(schema, codec, sync),
    packsHeader: false,
    pack: async ({ bytes, events }, sync) => {
      const block = await packed(bytes, codec);
      return Buffer.concat([long(events), long(block.length), block, sync]);
    },
  };
}

function lineForm(compression: Compression, header: Uint8Array): Form {
  const pack = packerOf(compression);
  return {
    syncBytes: 0,
    frameBytes: FRAME_BYTES,
    header: () => header,
    packsHeader: true,
    ...(pack !== undefined && { pack: ({ bytes }: Frame) => pack(bytes) }),
  };
}
