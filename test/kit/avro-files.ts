// Object container files as another implementation takes them apart, and makes them.
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import avsc from "avsc";
import type { Json } from "../../dsl/spec/option-value.ts";
import { avroType, plain } from "./avro.ts";

const headType = avsc.Type.forSchema({
  type: "record",
  name: "Header",
  fields: [
    { name: "magic", type: { type: "fixed", name: "Magic", size: 4 } },
    { name: "meta", type: { type: "map", values: "bytes" } },
    { name: "sync", type: { type: "fixed", name: "Sync", size: 16 } },
  ],
});
const blockType = avsc.Type.forSchema({
  type: "record",
  name: "Block",
  fields: [
    { name: "count", type: "long" },
    { name: "data", type: "bytes" },
    { name: "sync", type: { type: "fixed", name: "Sync", size: 16 } },
  ],
});

export type Codec = "null" | "deflate" | "zstandard";

const unpackers: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  null: (bytes) => bytes,
  deflate: inflateRawSync,
  zstandard: zstdDecompressSync,
};

const packers: Readonly<Record<Codec, (bytes: Buffer) => Buffer>> = {
  null: (bytes) => bytes,
  deflate: deflateRawSync,
  zstandard: zstdCompressSync,
};

export interface ContainerFile {
  readonly schema: Json;
  readonly codec: string;
  readonly sync: Buffer;
  /** Unpacked. */
  readonly blocks: readonly { readonly count: number; readonly data: Buffer }[];
}

/** Throws where the file is not as the specification says. */
export function containerIn(file: Buffer): ContainerFile {
  const { value: header, offset } = headType.decode(file);
  if (header === undefined || !header.magic.equals(Buffer.from("Obj\u0001"))) throw new Error("no container");
  const codec = String(header.meta["avro.codec"] ?? "null");
  const blocks = [];
  for (let at = offset; at < file.length; ) {
    const { value: block, offset: end } = blockType.decode(file, at);
    if (block === undefined || !block.sync.equals(header.sync))
      throw new Error("a block is cut or has no marker");
    blocks.push({ count: block.count, data: unpackers[codec]!(block.data) });
    at = end;
  }
  return { schema: JSON.parse(String(header.meta["avro.schema"])), codec, sync: header.sync, blocks };
}

/** Blocks of datums, as they stand in `datums`. */
export function containerOf(
  schema: Json,
  datums: readonly (readonly Uint8Array[])[],
  codec: Codec = "null",
): Buffer {
  const sync = Buffer.from("0123456789abcdef");
  const meta = {
    "avro.schema": Buffer.from(JSON.stringify(schema)),
    "avro.codec": Buffer.from(codec),
    other: sync,
  };
  const blocks = datums.map((block) =>
    blockType.toBuffer({ count: block.length, data: packers[codec](Buffer.concat(block)), sync }),
  );
  return Buffer.concat([headType.toBuffer({ magic: Buffer.from("Obj\u0001"), meta, sync }), ...blocks]);
}

/** The values of a file, read by avsc's own decoder where it knows the codec. */
export async function valuesIn(path: string): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  const decoder = createReadStream(path).pipe(
    new avsc.streams.BlockDecoder({ parseHook: (schema) => avroType(JSON.parse(JSON.stringify(schema))) }),
  );
  decoder.on("data", (value) => values.push(plain(value)));
  await once(decoder, "end");
  return values;
}
