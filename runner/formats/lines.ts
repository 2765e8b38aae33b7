// Frames chunks into batches of whole lines; a line over the bound goes on in pieces and is never held whole.
import type { Chunk } from "../connectors/connector.ts";
import type { Batch } from "../kernel/kernel.ts";

/** A part of a line that is longer than `maxEventBytes`; the parts together are the line, without its end. */
export interface OversizePiece {
  readonly origin: string;
  /** From 1. */
  readonly line: number;
  /** Offset in bytes of the line within its origin. */
  readonly offsetBytes: number;
  /** From 1. */
  readonly piece: number;
  readonly last: boolean;
  /** At most `maxEventBytes`. Valid until the next item is asked for. */
  readonly bytes: Uint8Array;
}

const lineFeed = 10;
const carriageReturn = 13;

/** The bytes of one origin that no batch has taken yet. */
interface Pending {
  readonly origin: string;
  /** The start of a line whose end has not come; empty while an oversize line goes by. */
  rest: Uint8Array;
  offsetBytes: number;
  line: number;
  /** Set while the pieces of a line go by; `offsetBytes` is the line's then. */
  oversize: { piece: number; lengthBytes: number } | undefined;
}

/** Lines end in LF or CRLF; a BOM at the start of an origin is passed over. Offsets count every byte of the origin. */
export async function* frame(
  chunks: AsyncIterable<Chunk>,
  maxEventBytes: number,
): AsyncIterable<Batch | OversizePiece> {
  const open = new Map<string, Pending>();
  for await (const chunk of chunks) {
    const pending = open.get(chunk.origin) ?? begin(chunk);
    open.set(chunk.origin, pending);
    yield* frameChunk(pending, chunk, maxEventBytes);
    if (chunk.last) open.delete(chunk.origin);
  }
}

function begin(chunk: Chunk): Pending {
  return {
    origin: chunk.origin,
    rest: new Uint8Array(0),
    offsetBytes: chunk.offsetBytes,
    line: 1,
    oversize: undefined,
  };
}

function* frameChunk(pending: Pending, chunk: Chunk, maxEventBytes: number): Iterable<Batch | OversizePiece> {
  let { bytes } = chunk;
  if (pending.oversize !== undefined) {
    const end = bytes.indexOf(lineFeed);
    yield* pieces(
      pending,
      bytes.subarray(0, end < 0 ? bytes.length : end),
      end >= 0 || chunk.last,
      maxEventBytes,
    );
    if (end < 0) return;
    bytes = bytes.subarray(end + 1);
  }
  const joined = pending.rest.length === 0 ? bytes : Buffer.concat([pending.rest, bytes]);
  const start = pending.offsetBytes === 0 ? bomBytes(joined) : 0;
  // Two bytes could still become a BOM; nobody knows before the third.
  if (start < 0 && !chunk.last) {
    pending.rest = new Uint8Array(joined);
    return;
  }
  yield* frameLines(pending, joined, Math.max(0, start), chunk.last, maxEventBytes);
}

/** 3 behind a BOM, 0 without one, -1 where that can't be told yet. */
function bomBytes(bytes: Uint8Array): number {
  const bom = [0xef, 0xbb, 0xbf];
  const known = Math.min(3, bytes.length);
  for (let i = 0; i < known; i++) if (bytes[i] !== bom[i]) return 0;
  return known === 3 ? 3 : -1;
}

function* frameLines(
  pending: Pending,
  bytes: Uint8Array,
  start: number,
  last: boolean,
  maxEventBytes: number,
): Iterable<Batch | OversizePiece> {
  let from = start;
  pending.offsetBytes += start;
  const batch = (to: number): Batch => ({
    bytes: bytes.subarray(from, to),
    origin: pending.origin,
    firstLine: pending.line,
    offsetBytes: pending.offsetBytes,
    readTimeMs: Date.now(),
  });
  let lines = 0;
  for (let at = from; at < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, at);
    const end = found < 0 ? bytes.length : found;
    const ended = found >= 0 || last;
    if (end - at > maxEventBytes + (bytes[end - 1] === carriageReturn ? 1 : 0)) {
      if (at > from) {
        yield batch(at);
        pending.offsetBytes += at - from;
        pending.line += lines;
      }
      pending.rest = new Uint8Array(0);
      pending.oversize = { piece: 0, lengthBytes: 0 };
      yield* pieces(pending, bytes.subarray(at, end), ended, maxEventBytes);
      if (found < 0) return;
      from = found + 1;
      lines = 0;
    } else if (ended) {
      lines++;
    } else {
      break;
    }
    at = found < 0 ? bytes.length : found + 1;
    if (found < 0) {
      yield batch(bytes.length);
      pending.offsetBytes += bytes.length - from;
      return;
    }
  }
  const whole = last ? bytes.length : bytes.lastIndexOf(lineFeed) + 1;
  if (whole > from) {
    yield batch(whole);
    pending.offsetBytes += whole - from;
    pending.line += lines;
    from = whole;
  }
  // A copy, since the chunk's bytes are reused; a Buffer's own `slice` would be none.
  pending.rest = new Uint8Array(bytes.subarray(from));
}

/** Parts of the line that goes by; the last one ends it. */
function* pieces(
  pending: Pending,
  bytes: Uint8Array,
  ended: boolean,
  maxEventBytes: number,
): Iterable<OversizePiece> {
  const { oversize } = pending;
  if (oversize === undefined) return;
  const { origin, line, offsetBytes } = pending;
  oversize.lengthBytes += bytes.length;
  for (let from = 0; from < bytes.length || (ended && from === 0); from += maxEventBytes) {
    const part = bytes.subarray(from, from + maxEventBytes);
    const last = ended && from + maxEventBytes >= bytes.length;
    oversize.piece++;
    yield { origin, line, offsetBytes, piece: oversize.piece, last, bytes: part };
  }
  if (!ended) return;
  pending.offsetBytes += oversize.lengthBytes + 1;
  pending.line++;
  pending.oversize = undefined;
}
