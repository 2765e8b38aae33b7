// The bytes of an object as its reader wants them: as they stand there, or unpacked where gzip or zstd packed them.
import type { StrmFailure } from "../../failure.ts";
import { Fingerprint } from "../../formats/fingerprint.ts";
import type { Contents, Seekable } from "../reading/contents.ts";
import { MAGIC_BYTES, PackedContents, unpackerOf } from "../reading/packed-contents.ts";

/** An object in one version, which has the same bytes for ever. */
export interface ObjectBytes {
  readonly version: string;
  readonly sizeBytes: number;
  /** From `start` on, which is before its end. Throws failures. */
  from(start: number): AsyncIterable<Uint8Array>;
  readonly damaged: (why: string, cause?: unknown) => StrmFailure;
}

/** Throws what reading throws. */
export async function openObject(object: ObjectBytes): Promise<Contents> {
  const chunks = new Chunks(object, 0);
  const unpacker = unpackerOf(await chunks.first(MAGIC_BYTES));
  if (unpacker === undefined) return new PlainObject(object, chunks);
  return new PackedContents({
    identity: object.version,
    bytes: chunks,
    unpacker,
    failed: (error) => error,
    damaged: object.damaged,
  });
}

class PlainObject implements Contents {
  readonly compressed = false;
  readonly truncated = false;
  readonly #object: ObjectBytes;
  #chunks: Chunks;
  #takenBytes = 0;

  constructor(object: ObjectBytes, chunks: Chunks) {
    this.#object = object;
    this.#chunks = chunks;
  }

  get identity(): string {
    return this.#object.version;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** What stands before needs no look: it is the same version. */
  async seek({ offset_bytes }: Seekable): Promise<Fingerprint> {
    await this.#chunks.close();
    this.#chunks = new Chunks(this.#object, offset_bytes);
    this.#takenBytes = offset_bytes;
    return new Fingerprint();
  }

  /** All of `space`, but at the end: batches don't depend on how the bytes come over the network. */
  async read(space: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < space.length) {
      const bytes = await this.#chunks.take(space.length - filled);
      if (bytes === undefined) break;
      space.set(bytes, filled);
      filled += bytes.length;
    }
    this.#takenBytes += filled;
    return filled;
  }

  close(): Promise<void> {
    return this.#chunks.close();
  }
}

/** An object's bytes from a place on, of which the first may be looked at before they are taken. */
class Chunks implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(object: ObjectBytes, start: number) {
    // No store has a range that begins at the end.
    this.#chunks = start < object.sizeBytes ? object.from(start)[Symbol.asyncIterator]() : none();
  }

  /** As many as there are up to `sizeBytes`; they are still to come. */
  async first(sizeBytes: number): Promise<Uint8Array> {
    while (this.#held.length < sizeBytes) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#held = Buffer.concat([this.#held, next.value]);
    }
    return this.#held.subarray(0, sizeBytes);
  }

  /** Some of the next, at most `sizeBytes`; undefined at the end. */
  async take(sizeBytes: number): Promise<Uint8Array | undefined> {
    while (this.#held.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#held = next.value;
    }
    const taken = this.#held.subarray(0, sizeBytes);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        const bytes = await this.take(Number.POSITIVE_INFINITY);
        if (bytes === undefined) return;
        yield bytes;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#held = new Uint8Array(0);
    await this.#chunks.return?.();
  }
}

async function* none(): AsyncGenerator<Uint8Array, void, void> {}
