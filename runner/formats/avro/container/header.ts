// What an object container file begins with: Avro 1.11, "Object Container Files".
import type { Json } from "../../../../dsl/spec/option-value.ts";
import { long, prefixed, string } from "../../../plan/encode-default.ts";
import type { AvroType } from "../avro-type.ts";
import { DatumReader } from "../datum-reader.ts";
import { NotASchema, readSchemaText } from "../read-schema.ts";
import type { WrittenCodec } from "./codecs.ts";
import { ContainerFault } from "./fault.ts";

export const SYNC_BYTES = 16;
const magic = Buffer.from("Obj\u0001", "latin1");

export interface Header {
  /** What the file's datums are of. */
  readonly schema: AvroType;
  readonly codec: string;
  /** Stands behind each block. */
  readonly sync: Uint8Array;
  readonly sizeBytes: number;
}

/** `sync`: 16 bytes that nobody can foresee. */
export function headerBytes(schema: Json, codec: WrittenCodec, sync: Uint8Array): Buffer {
  const entries = [
    [string("avro.schema"), string(JSON.stringify(schema))],
    [string("avro.codec"), prefixed(Buffer.from(codec))],
  ].flat();
  return Buffer.concat([magic, long(2), ...entries, long(0), sync]);
}

/**
 * What the bytes begin with. Throws a `ContainerFault`; one that is `damaged` may be due to bytes that are missing behind these. A refusal
 * of `DatumReader` says so, too.
 */
export function headerIn(bytes: Uint8Array): Header {
  if (!magic.equals(bytes.subarray(0, magic.length)))
    throw new ContainerFault("unsupported", "it is no Avro object container file");
  const reader = new DatumReader(bytes);
  reader.pass(magic.length);
  const entries = metadataIn(reader);
  const syncAt = reader.at;
  reader.pass(SYNC_BYTES);
  const codec = Buffer.from(entries.get("avro.codec") ?? "null").toString("latin1");
  return {
    schema: schemaIn(Buffer.from(entries.get("avro.schema") ?? "").toString("utf8")),
    codec,
    sync: Uint8Array.from(bytes.subarray(syncAt, reader.at)),
    sizeBytes: reader.at,
  };
}

function metadataIn(reader: DatumReader): ReadonlyMap<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  for (;;) {
    const { count } = reader.block();
    if (count === 0) return entries;
    for (let i = 0; i < count; i++) {
      const key = Buffer.from(reader.text()).toString("utf8");
      entries.set(key, reader.text());
    }
  }
}

function schemaIn(text: string): AvroType {
  try {
    return readSchemaText(text).type;
  } catch (error) {
    if (error instanceof NotASchema)
      throw new ContainerFault("damaged", `its schema can't be read: ${error.message}`);
    throw error;
  }
}
