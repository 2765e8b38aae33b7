// Brings complete objects into the bucket while the run goes on, a few at a time, and knows its own objects again where a write is refused.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { StrmFailure } from "../../failure.ts";
import { fileFailure } from "../file/failures.ts";
import type { Complete } from "./spooled.ts";
import { type ObjectBody, type ObjectStore, type PutSettings, SHA256_KEY } from "./store.ts";

/** Each holds some parts of an object in memory. */
const AT_ONCE = 2;

export interface UploadOptions {
  readonly store: ObjectStore;
  /** Of an object's file in the spool. */
  readonly pathOf: (part: number) => string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly overwrite: boolean;
  readonly step: string;
  /** Something was uploaded, or could not be: a checkpoint is worth while. */
  readonly settled: () => void;
}

export class Uploads {
  readonly #options: UploadOptions;
  readonly #stop = new AbortController();
  readonly #waiting: Complete[] = [];
  readonly #running = new Map<Complete, Promise<void>>();
  /** What could not be uploaded; nothing else is begun before somebody has been told. */
  #failed: { readonly error: unknown } | undefined;
  #done: Complete[] = [];
  #pendingBytes = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** Bytes that the bucket does not have yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  add(objects: readonly Complete[]): void {
    for (const object of objects) this.#pendingBytes += object.part.size_bytes;
    this.#waiting.push(...objects);
    this.#fill();
  }

  /** What the bucket has got since the last time. */
  take(): readonly Complete[] {
    return this.#done.splice(0);
  }

  /** Throws what has kept an upload from success, once: what failed is tried again from then on. */
  tell(): void {
    const failed = this.#failed;
    if (failed === undefined) return;
    this.#failed = undefined;
    this.#fill();
    throw failed.error;
  }

  /** Resolves when no more than `bytes` are to be uploaded; throws as `tell` does. */
  async below(bytes: number): Promise<void> {
    for (;;) {
      this.tell();
      if (this.#pendingBytes <= bytes || this.#running.size === 0) return;
      await Promise.race(this.#running.values());
    }
  }

  /** Breaks off what is under way: it is in no checkpoint that it was uploaded. Never throws. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #fill(): void {
    while (this.#running.size < AT_ONCE && this.#failed === undefined && !this.#stop.signal.aborted) {
      const object = this.#waiting.shift();
      if (object === undefined) return;
      const running = this.#upload(object).then(
        () => {
          this.#pendingBytes -= object.part.size_bytes;
          this.#done.push(object);
          this.#settle(object);
        },
        (error) => {
          this.#waiting.unshift(object);
          this.#failed ??= { error };
          this.#settle(object);
        },
      );
      this.#running.set(object, running);
    }
  }

  #settle(object: Complete): void {
    this.#running.delete(object);
    if (this.#stop.signal.aborted) return;
    this.#options.settled();
    this.#fill();
  }

  async #upload({ key, part }: Complete): Promise<void> {
    const { store, pathOf, overwrite, contentType, metadata } = this.#options;
    const { signal } = this.#stop;
    const file = await SpooledBody.open(pathOf(part.part), part.size_bytes);
    try {
      const settings: PutSettings = { contentType, metadata, onlyNew: !overwrite };
      if ((await store.put(key, file, settings, signal)) === "exists") await this.#compare(key, file);
    } finally {
      await file.close();
    }
  }

  /** A refused write may be an own one whose answer was lost, or that of a run before. */
  async #compare(key: string, { sha256, sizeBytes }: ObjectBody): Promise<void> {
    const { store, step } = this.#options;
    const there = await store.head(key, this.#stop.signal);
    if (there?.metadata[SHA256_KEY] === sha256 && there.sizeBytes === sizeBytes) return;
    throw new StrmFailure(
      "bucket.object-differs",
      `Sink \`${step}\` would replace ${store.name}/${key}, which has other contents.`,
      "Move the object away, choose another `prefix`, or say `overwrite = true` where it may be lost.",
    );
  }
}

/** A file that is complete, as the body of an object. */
class SpooledBody implements ObjectBody {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly #handle: FileHandle;
  readonly #path: string;

  private constructor(handle: FileHandle, path: string, sizeBytes: number, sha256: string) {
    this.#handle = handle;
    this.#path = path;
    this.sizeBytes = sizeBytes;
    this.sha256 = sha256;
  }

  static async open(path: string, sizeBytes: number): Promise<SpooledBody> {
    try {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(path, { end: sizeBytes - 1, highWaterMark: 1 << 18 })) {
        hash.update(chunk);
      }
      return new SpooledBody(await open(path, "r"), path, sizeBytes, hash.digest("hex"));
    } catch (error) {
      throw fileFailure(error, path, "read");
    }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start);
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error("the file is shorter than it was");
        at += bytesRead;
      }
      return bytes;
    } catch (error) {
      throw fileFailure(error, this.#path, "read");
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
