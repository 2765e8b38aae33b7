// A store of objects in memory that behaves as S3 and Google Cloud Storage do, and can be told to fail.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ObjectBody,
  type ObjectStore,
  type PutSettings,
  SHA256_KEY,
  type StoredObject,
} from "../../runner/connectors/objects/store.ts";
import { StrmFailure } from "../../runner/failure.ts";

/** As networks do it: no chunk ends where a batch does. */
const CHUNK_BYTES = 50_001;

export interface MemoryObject {
  readonly bytes: Buffer;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string;
}

/** Called before and after each put; what it throws is what the put throws. */
export type Trouble = (moment: "before" | "after", key: string) => void | Promise<void>;

export class MemoryObjects implements ObjectStore {
  readonly name = "memory://bucket";
  readonly objects = new Map<string, MemoryObject>();
  trouble: Trouble = () => {};
  /** Called before each chunk of a read; what it throws is what the read throws. */
  readTrouble: (key: string, at: number) => void | Promise<void> = () => {};
  #versions = 0;

  async put(
    key: string,
    body: ObjectBody,
    { contentType, metadata, onlyNew }: PutSettings,
    signal: AbortSignal,
  ): Promise<"written" | "exists"> {
    await this.trouble("before", key);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < body.sizeBytes; at += 1 << 16) {
      parts.push(await body.read(at, Math.min(body.sizeBytes, at + (1 << 16))));
    }
    const bytes = Buffer.concat(parts);
    if (createHash("sha256").update(bytes).digest("hex") !== body.sha256) throw new Error("a wrong digest");
    await sleep(1);
    if (signal.aborted) throw signal.reason;
    if (onlyNew && this.objects.has(key)) return "exists";
    const version = String(++this.#versions);
    this.objects.set(key, {
      bytes,
      version,
      metadata: { ...metadata, [SHA256_KEY]: body.sha256 },
      contentType,
    });
    await this.trouble("after", key);
    return "written";
  }

  async head(key: string) {
    const found = this.objects.get(key);
    return found && { ...storedOf(key, found), metadata: found.metadata };
  }

  async *list(prefix: string, after: string | undefined): AsyncIterable<StoredObject> {
    for (const [key, object] of [...this.objects].sort(([a], [b]) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    )) {
      if (
        key.startsWith(prefix) &&
        (after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
      ) {
        yield storedOf(key, object);
      }
    }
  }

  async *read(
    key: string,
    version: string,
    start: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    for (let at = start; ; at += CHUNK_BYTES) {
      await this.readTrouble(key, at);
      signal.throwIfAborted();
      const found = this.objects.get(key);
      if (found?.version !== version) {
        throw new StrmFailure("bucket.object-changed", "The object was changed.", "Look who writes there.");
      }
      if (at >= found.bytes.length) return;
      yield Uint8Array.from(found.bytes.subarray(at, at + CHUNK_BYTES));
    }
  }

  /** As another program writes it. */
  set(key: string, bytes: Uint8Array | string): void {
    const version = String(++this.#versions);
    this.objects.set(key, { bytes: Buffer.from(bytes), version, metadata: {}, contentType: "" });
  }

  async tryWriting(): Promise<void> {}

  async tryReading(): Promise<void> {}

  async close(): Promise<void> {}
}

function storedOf(key: string, { bytes, version }: MemoryObject): StoredObject {
  return { key, sizeBytes: bytes.length, version };
}
