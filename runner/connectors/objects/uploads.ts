// Brings complete objects into the bucket while the run goes on, a few at a time, and knows its own objects again where a write is refused.
import { StrmFailure, TransientFailure } from "../../failure.ts";
import { FileBody } from "./file-body.ts";
import type { Complete } from "./spooled.ts";
import { type ObjectBody, type ObjectStore, type PutSettings, SHA256_KEY } from "./store.ts";

/** Each holds some parts of an object in memory. */
const AT_ONCE = 2;

export interface UploadOptions {
  readonly store: ObjectStore;
  /** Makes an object's file, and tells where that is; called again where an upload failed. */
  readonly fileOf: (object: Complete) => Promise<{ readonly path: string; readonly sizeBytes: number }>;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly overwrite: boolean;
  readonly step: string;
  /** The bucket is away for a while. */
  readonly warn: (failure: TransientFailure) => void;
  /** Something was uploaded, or could not be: a checkpoint is worth while. */
  readonly settled: () => void;
}

/** An object that the bucket has. */
export interface Uploaded {
  readonly object: Complete;
  readonly sizeBytes: number;
}

export class Uploads {
  readonly #options: UploadOptions;
  readonly #stop = new AbortController();
  readonly #waiting: Complete[] = [];
  readonly #running = new Map<Complete, Promise<void>>();
  /** What could not be uploaded; nothing else is begun before somebody has been told. */
  #failed: { readonly error: unknown } | undefined;
  #done: Uploaded[] = [];
  #pendingBytes = 0;
  #warned = false;

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
  take(): readonly Uploaded[] {
    return this.#done.splice(0);
  }

  /**
   * For who need not wait: what failed is tried again. Throws where that is of no use. What may pass is told once, until an upload has success:
   * a bucket that is away for a while holds up nothing but what is to go there.
   */
  goOn(): void {
    const error = this.#retried();
    if (error === undefined) return;
    if (!(error instanceof TransientFailure)) throw error;
    if (!this.#warned) this.#options.warn(error);
    this.#warned = true;
  }

  /** Resolves when no more than that is to be uploaded; throws what keeps an upload from success, once: what failed is tried again from then on. */
  async below(bytes: number, objects: number): Promise<void> {
    for (;;) {
      const few = this.#waiting.length + this.#running.size <= objects;
      if (few && this.#pendingBytes <= bytes) {
        this.goOn();
        return;
      }
      const error = this.#retried();
      if (error !== undefined) throw error;
      if (this.#running.size === 0) return;
      await Promise.race(this.#running.values());
    }
  }

  /** Breaks off what is under way: it is in no checkpoint that it was uploaded. Never throws. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  /** What failed, if anything; it is tried again. */
  #retried(): unknown {
    const failed = this.#failed;
    this.#failed = undefined;
    this.#fill();
    return failed?.error;
  }

  #fill(): void {
    while (this.#running.size < AT_ONCE && this.#failed === undefined && !this.#stop.signal.aborted) {
      const object = this.#waiting.shift();
      if (object === undefined) return;
      const running = this.#upload(object).then(
        (sizeBytes) => {
          this.#pendingBytes -= object.part.size_bytes;
          this.#warned = false;
          this.#done.push({ object, sizeBytes });
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

  /** Answers its size. */
  async #upload(object: Complete): Promise<number> {
    const { store, fileOf, overwrite, contentType, metadata } = this.#options;
    const { signal } = this.#stop;
    const { path, sizeBytes } = await fileOf(object);
    const body = await FileBody.open(path, sizeBytes);
    try {
      const settings: PutSettings = { contentType, metadata, onlyNew: !overwrite };
      const outcome = await store.put(object.key, body, settings, signal);
      if (outcome === "exists") await this.#compare(object.key, body);
      return sizeBytes;
    } finally {
      await body.close();
    }
  }

  /** A refused write may be an own one whose answer was lost, or that of a run before. */
  async #compare(key: string, { sha256, sizeBytes }: ObjectBody): Promise<void> {
    const { store, step } = this.#options;
    const there = await store.head(key, this.#stop.signal);
    if (there === undefined) {
      throw new TransientFailure(
        "bucket.object-differs",
        `${store.name}/${key} was in the way of sink \`${step}\`, and is gone.`,
        "It is tried again. Look who removes objects there.",
      );
    }
    if (there.metadata[SHA256_KEY] === sha256 && there.sizeBytes === sizeBytes) return;
    throw new StrmFailure(
      "bucket.object-differs",
      `Sink \`${step}\` would replace ${store.name}/${key}, which has other contents.`,
      "Move the object away, choose another `prefix`, or say `overwrite = true` where it may be lost.",
    );
  }
}
