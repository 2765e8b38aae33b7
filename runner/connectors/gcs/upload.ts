// The body of an upload in one request: what is said of the object, then its bytes (multipart/related, as the JSON API takes it).
import { randomBytes } from "node:crypto";
import { crc32c } from "../crc32c.ts";
import type { ObjectBody } from "../objects/store.ts";

const CHUNK_BYTES = 1024 * 1024;

export interface Upload {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: () => AsyncIterable<Uint8Array>;
}

export function uploadOf(
  body: ObjectBody,
  resource: Readonly<Record<string, unknown>>,
  contentType: string,
): Upload {
  const boundary = `strm-${randomBytes(16).toString("hex")}`;
  const before = Buffer.from(
    `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(resource)}\r\n--${boundary}\r\nContent-Type: ${contentType}\r\n\r\n`,
  );
  const behind = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    headers: {
      "content-type": `multipart/related; boundary=${boundary}`,
      "content-length": String(before.length + body.sizeBytes + behind.length),
    },
    body: async function* () {
      yield before;
      yield* chunksOf(body);
      yield behind;
    },
  };
}

/** As Google writes it: base64 of the big-endian bytes. */
export async function checksumOf(body: ObjectBody, signal: AbortSignal): Promise<string> {
  let crc = 0;
  for await (const chunk of chunksOf(body)) {
    signal.throwIfAborted();
    crc = crc32c(chunk, 0, chunk.length, crc);
  }
  return checksumText(crc);
}

export function checksumText(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
}

async function* chunksOf(body: ObjectBody): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < body.sizeBytes; at += CHUNK_BYTES) {
    yield await body.read(at, Math.min(at + CHUNK_BYTES, body.sizeBytes));
  }
}
