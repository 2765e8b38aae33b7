// An object as readers see it; a small one may be fetched before its turn comes.
import { StrmFailure } from "../../failure.ts";
import type { Contents } from "../reading/contents.ts";
import { type FileFormat, fileFormatNames, type Origin } from "../reading/origin.ts";
import { openObject } from "./object-contents.ts";
import { changedObject } from "./source-failures.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

/** What is fetched ahead stands in memory whole. */
const SMALL_BYTES = 1024 * 1024;

export class ObjectOrigin implements Origin {
  readonly object: StoredObject;
  readonly #store: ObjectStore;
  readonly #signal: AbortSignal;
  #fetched: Promise<readonly Uint8Array[]> | undefined;

  constructor(store: ObjectStore, object: StoredObject, signal: AbortSignal) {
    this.#store = store;
    this.object = object;
    this.#signal = signal;
  }

  get name(): string {
    return this.object.key;
  }

  /** For people: `s3://bucket/key`. */
  get place(): string {
    return `${this.#store.name}/${this.object.key}`;
  }

  /** Does nothing for a large one. What fails is thrown where it is read. */
  fetch(): void {
    if (this.object.sizeBytes > SMALL_BYTES) return;
    this.#fetched = allOf(this.#from(0));
    this.#fetched.catch(() => {});
  }

  open(): Promise<Contents> {
    const { version, sizeBytes } = this.object;
    const fetched = this.#fetched;
    this.#fetched = undefined;
    return openObject({
      version,
      sizeBytes,
      from: (start) => (start === 0 && fetched !== undefined ? chunksOf(fetched) : this.#from(start)),
      damaged: (why, cause) => this.damaged(why, cause),
    });
  }

  changed(what: string): StrmFailure {
    return changedObject(this.place, what);
  }

  damaged(why: string, cause?: unknown): StrmFailure {
    return new StrmFailure(
      "bucket.object-damaged",
      `Could not read ${this.place}: ${why}.`,
      "Write the object anew, or leave it out by `pattern`, and run again.",
      { cause },
    );
  }

  unsupported(as: FileFormat, why: string, cause?: unknown): StrmFailure {
    return new StrmFailure(
      "bucket.object-format",
      `Could not read ${this.place} as ${fileFormatNames[as]}: ${why}.`,
      "Leave it out by `prefix` or `pattern` where it is not meant, or write it anew in another way.",
      { cause },
    );
  }

  #from(start: number): AsyncIterable<Uint8Array> {
    return this.#store.read(this.object.key, this.object.version, start, this.#signal);
  }
}

async function* chunksOf(fetched: Promise<readonly Uint8Array[]>): AsyncGenerator<Uint8Array, void, void> {
  yield* await fetched;
}

async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
