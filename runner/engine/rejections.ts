// Writes refused events as records: where, why, and the event itself, sealed for whoever holds the master key.
import { isUtf8 } from "node:buffer";
import type { Detail, OversizePiece, Provenance } from "../connectors/delivery.ts";
import type { Batch, Rejection } from "../kernel/kernel.ts";
import type { Rejected } from "./events.ts";
import type { Untimed } from "./reporter.ts";

/** Seals bytes under the master key: a compact JWE. */
export type Seal = (bytes: Uint8Array) => Promise<string>;

/** Who takes the records of one step: its sinks, or the quarantine. */
export interface RecordTaker {
  /** The event stands in clear, since the sink says `exposing`. */
  readonly exposing: boolean;
  write(bytes: Uint8Array, events: number, detail?: Detail): Promise<void>;
}

/** How many records are sealed at once and stand in memory before they are written. */
const SEALED_AT_ONCE = 32;

/** Bytes of events that may stand sealed in memory at once; a larger one goes alone. */
const SEALED_BYTES = 4 * 1_048_576;

/** Writes the records of `rejections`, all of one step, in order. */
export async function writeRejections(
  rejections: readonly Rejection[],
  batch: Batch,
  takers: readonly RecordTaker[],
  seal: Seal,
): Promise<void> {
  for (let from = 0, to = 0; from < rejections.length; from = to) {
    let sizeBytes = 0;
    while (
      to < rejections.length &&
      to - from < SEALED_AT_ONCE &&
      (to === from || sizeBytes < SEALED_BYTES)
    ) {
      const next = rejections[to++];
      sizeBytes += next === undefined ? 0 : next.end - next.start;
    }
    const slice = rejections.slice(from, to);
    const [first] = slice;
    if (first === undefined) return;
    await writeRecords(
      slice.map((rejection) => ({
        head: headOf(rejection, batch.origin),
        event: batch.bytes.subarray(rejection.start, rejection.end),
      })),
      slice.length,
      takers,
      seal,
      { from: comingFrom(first, batch.origin, batch.readTimeMs) },
    );
  }
}

/** Writes one piece of a line that is too long to be held; the line counts as one event, with its first piece. */
export async function writePiece(
  step: string,
  piece: OversizePiece,
  takers: readonly RecordTaker[],
  seal: Seal,
): Promise<void> {
  const head = {
    ...headOf(tooLarge(step, piece), piece.origin),
    piece: piece.piece,
    last: piece.last,
  };
  const { origin } = piece;
  const from = comingFrom(tooLarge(step, piece), origin, Date.now());
  await writeRecords([{ head, event: piece.bytes }], piece.piece === 1 ? 1 : 0, takers, seal, { from });
}

/** As a batch that begins with what was refused. */
function comingFrom(
  { line, offset }: Pick<Rejection, "line" | "offset">,
  origin: string,
  readTimeMs: number,
): Provenance {
  return { origin, firstLine: offset ?? line, readTimeMs };
}

/** The rejection of what the piece is a part of. */
export function tooLarge(
  step: string,
  { line, offsetBytes, offset, row }: OversizePiece,
): Omit<Rejection, "start" | "end"> {
  const noun = row === true ? "row" : offset === undefined ? "line" : "message";
  const reason = `The ${noun} is longer than \`max_event\` allows.`;
  return {
    step,
    code: row === true ? "event.row-too-large" : "event.too-large",
    reason,
    line,
    offsetBytes,
    ...(offset !== undefined && { offset }),
  };
}

/** One run event for each reason, with the place where it came up first. */
export function groupRejections(
  rejections: readonly Omit<Rejection, "start" | "end">[],
  origin: string,
): readonly Untimed<Rejected>[] {
  const groups = new Map<string, { readonly first: Omit<Rejection, "start" | "end">; events: number }>();
  for (const rejection of rejections) {
    const key = `${rejection.step}\n${rejection.code}\n${rejection.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: rejection, events: 1 });
    else group.events++;
  }
  return [...groups.values()].map(({ first, events }) => ({
    type: "rejected",
    step: first.step,
    code: first.code,
    reason: first.reason,
    events,
    origin,
    ...placeOf(first),
  }));
}

type Place = { readonly line: number; readonly offset_bytes: number } | { readonly offset: number };

/** A line by its number and where it starts, a record by its offset; names as in the output. */
function placeOf({ line, offsetBytes, offset }: Pick<Rejection, "line" | "offsetBytes" | "offset">): Place {
  return offset === undefined ? { line, offset_bytes: offsetBytes } : { offset };
}

interface Refused {
  readonly head: Readonly<Record<string, unknown>>;
  readonly event: Uint8Array;
}

function headOf(rejection: Omit<Rejection, "start" | "end">, origin: string): Refused["head"] {
  const { code, reason, step, path } = rejection;
  const position = { origin, ...placeOf(rejection) };
  return { code, reason, step, position, ...(path !== undefined && { path }) };
}

async function writeRecords(
  refused: readonly Refused[],
  events: number,
  takers: readonly RecordTaker[],
  seal: Seal,
  detail: Detail,
): Promise<void> {
  const sealed = takers.some((taker) => !taker.exposing)
    ? lines(
        await Promise.all(refused.map(async ({ head, event }) => ({ ...head, event: await seal(event) }))),
      )
    : undefined;
  const clear = takers.some((taker) => taker.exposing)
    ? lines(refused.map(({ head, event }) => ({ ...head, ...inClear(event) })))
    : undefined;
  for (const taker of takers) {
    const bytes = taker.exposing ? clear : sealed;
    if (bytes !== undefined) await taker.write(bytes, events, detail);
  }
}

function inClear(event: Uint8Array): { readonly event: string } | { readonly event_base64: string } {
  const bytes = Buffer.from(event.buffer, event.byteOffset, event.byteLength);
  return isUtf8(event) ? { event: bytes.toString("utf8") } : { event_base64: bytes.toString("base64") };
}

function lines(records: readonly object[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}
