// Reads an object to its end, over as many requests as it takes: where a connection breaks, the next request begins at the byte that is missing.
import { StrmFailure } from "../../failure.ts";
import { corruptObject, unreachable } from "./failures.ts";
import { Tries } from "./tries.ts";

/** What a request gave. */
export interface Reply {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the whole object, wherever the request began. */
  readonly sizeBytes: number;
  /** Of the whole object; absent where the store keeps none that can be checked here. */
  readonly checksum?: Checksum;
}

export interface Checksum {
  update(bytes: Uint8Array): void;
  fits(): boolean;
}

export interface Reading {
  /** Of the store, for people. */
  readonly store: string;
  readonly key: string;
  readonly start: number;
  /** Undefined where the object ends before `at`. Throws failures, and errors that `failureOf` knows. */
  readonly open: (at: number) => Promise<Reply | undefined>;
  /** What an error means that came with the bytes. */
  readonly failureOf: (error: unknown) => unknown;
  readonly signal: AbortSignal;
}

/** Chunks as they come. Throws `bucket.corrupt` behind the last one where an object that was read from its start does not fit its checksum. */
export async function* readOn(reading: Reading): AsyncGenerator<Uint8Array, void, undefined> {
  const { store, key, start, open, failureOf, signal } = reading;
  const tries = new Tries(signal);
  let checksum: Checksum | undefined;
  for (let at = start; ; ) {
    try {
      const reply = await open(at);
      if (reply === undefined) return;
      if (at === 0) checksum = reply.checksum;
      for await (const chunk of reply.bytes) {
        at += chunk.length;
        checksum?.update(chunk);
        tries.passed();
        yield chunk;
        signal.throwIfAborted();
      }
      if (at < reply.sizeBytes) throw unreachable(store, "it broke the connection off");
      if (checksum?.fits() === false) throw corruptObject(store, key);
      return;
    } catch (error) {
      await tries.failed(error instanceof StrmFailure ? error : failureOf(error));
    }
  }
}
