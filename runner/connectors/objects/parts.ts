// How a body is sent in parts: as many as a store takes, some at a time, read one after the other.
import type { ObjectBody } from "./store.ts";

const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** Each holds a part in memory. */
const AT_ONCE = 4;

export interface Part {
  /** From 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Larger for bodies that would have more parts than stores take. */
export function partBytesOf(sizeBytes: number): number {
  const least = Math.ceil(sizeBytes / MAX_PARTS);
  return Math.max(PART_BYTES, Math.ceil(least / PART_BYTES) * PART_BYTES);
}

/**
 * What `send` gave, in the order of parts. Parts are read in order, one at a time. When it settles, nothing is under way any more; what failed first is thrown.
 */
export async function sendParts<T>(
  body: ObjectBody,
  send: (part: Part, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const partBytes = partBytesOf(body.sizeBytes);
  const count = Math.ceil(body.sizeBytes / partBytes);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const sent: T[] = new Array(count);
  let taken = 0;
  let reading: Promise<unknown> = Promise.resolve();
  let failed: { readonly error: unknown } | undefined;
  const read = async (): Promise<Part | undefined> => {
    if (taken === count || either.aborted) return undefined;
    const start = taken++ * partBytes;
    const number = taken;
    return { number, bytes: await body.read(start, Math.min(start + partBytes, body.sizeBytes)) };
  };
  const work = async (): Promise<void> => {
    try {
      for (;;) {
        const next = reading.then(read);
        reading = next.catch(() => {});
        const part = await next;
        if (part === undefined) return;
        sent[part.number - 1] = await send(part, either);
      }
    } catch (error) {
      failed ??= { error };
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
  if (failed !== undefined) throw failed.error;
  signal.throwIfAborted();
  return sent;
}
