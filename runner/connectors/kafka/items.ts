// Makes items of what was fetched from a partition: batches of records, and pieces of a value that is over the bound.
import { BATCH_BYTES, BATCH_LINES, type Buffers } from "../../formats/buffers.ts";
import type { RefusedRecord } from "../../kernel/kernel.ts";
import type { Carried, Item } from "../delivery.ts";
import { moveTo } from "../reading/move-to.ts";
import type { Fetched } from "./client/fetched.ts";
import { partitionKey, type TopicPartition } from "./client/partitions.ts";

/** An event's bytes, or why there are none. */
export type Decoded = Uint8Array | Pick<RefusedRecord, "code" | "reason">;

export interface ItemOptions {
  readonly buffers: Buffers;
  readonly maxEventBytes: number;
  /** From a message's value to an event; absent where that is the value itself. */
  readonly decode?: (value: Uint8Array) => Decoded | Promise<Decoded>;
}

const nothing = new Uint8Array(0);
const noValue = { code: "event.no-value", reason: "The message has no value." } as const;

/** What `partitionKey` made: so partitions are named in positions, and as the origin of their events. */
export function partitionIn(key: string): TopicPartition {
  const at = key.lastIndexOf("/");
  return { topic: key.slice(0, at), partition: Number(key.slice(at + 1)) };
}

/** The items of one fetched chunk, in order. The last one's position is where the chunk ends, transaction markers included. */
export async function* itemsOf(fetched: Fetched, options: ItemOptions): AsyncGenerator<Item, void, void> {
  const { topic, partition, offsets, nextOffset } = fetched;
  const origin = partitionKey(topic, partition);
  const count = offsets.length;
  const values = await decoded(fetched, options);
  for (let from = 0; from < count; ) {
    const first = values[from] ?? nothing;
    if (sizeOf(first) > options.maxEventBytes) {
      yield* piecesOf(bytesOf(first), origin, fetched, from, options);
      from++;
      continue;
    }
    const to = batchEnd(values, from, options.maxEventBytes);
    const offset = to === count ? nextOffset : (offsets[to] ?? nextOffset);
    yield {
      partition: origin,
      position: { offset },
      content: { kind: "batch", ...batchOf(fetched, values, from, to, origin, options.buffers) },
    };
    from = to;
  }
  // Where there was nothing but markers and what was undone, only the position moves; it moves too behind a last piece.
  const last = values.at(-1);
  if (last === undefined || sizeOf(last) > options.maxEventBytes) {
    yield moveTo(origin, { offset: nextOffset });
  }
}

type Value = Decoded | typeof noValue;

/** Where decoding has to wait for something, it does so once for the whole chunk. */
async function decoded({ values }: Fetched, { decode }: ItemOptions): Promise<readonly Value[]> {
  if (decode === undefined) return values.map((value) => value ?? noValue);
  const all = values.map((value) => (value === null ? noValue : decode(value)));
  return all.some((one) => one instanceof Promise) ? await Promise.all(all) : all.filter(isReady);
}

function isReady(value: Value | Promise<Value>): value is Value {
  return !(value instanceof Promise);
}

const bytesOf = (value: Value): Uint8Array => (value instanceof Uint8Array ? value : nothing);
const sizeOf = (value: Value): number => bytesOf(value).length;

/** As much as goes into one batch; at least one. */
function batchEnd(values: readonly Value[], from: number, maxEventBytes: number): number {
  let sizeBytes = sizeOf(values[from] ?? nothing);
  let to = from + 1;
  for (; to < values.length && to - from < BATCH_LINES; to++) {
    const more = sizeOf(values[to] ?? nothing);
    if (more > maxEventBytes || sizeBytes + more > BATCH_BYTES) break;
    sizeBytes += more;
  }
  return to;
}

function batchOf(
  { offsets, timestampsMs, keys, headers, values: raw }: Fetched,
  values: readonly Value[],
  from: number,
  to: number,
  origin: string,
  buffers: Buffers,
) {
  const slice = values.slice(from, to);
  // What was refused is kept as it came.
  const given = slice.map((value, i) => (value instanceof Uint8Array ? value : (raw[from + i] ?? nothing)));
  const sizeBytes = given.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(buffers.take(sizeBytes), 0, sizeBytes);
  const ends = new Int32Array(slice.length);
  const refused: RefusedRecord[] = [];
  const carried: Carried[] = [];
  let at = 0;
  given.forEach((value, i) => {
    bytes.set(value, at);
    at += value.length;
    ends[i] = at;
    const one = slice[i];
    if (one !== undefined && !(one instanceof Uint8Array)) refused.push({ record: i, ...one });
    carried.push({
      key: keys[from + i] ?? null,
      headers: headers[from + i] ?? [],
      timestampMs: timestampsMs[from + i] ?? 0,
    });
  });
  const records = {
    ends,
    offsets: Float64Array.from(offsets.slice(from, to)),
    timesMs: Float64Array.from(timestampsMs.slice(from, to)),
    ...(refused.length > 0 && { refused }),
  };
  const batch = { bytes, origin, firstLine: 0, offsetBytes: 0, readTimeMs: Date.now(), records };
  return { batch, carried };
}

function* piecesOf(
  value: Uint8Array,
  origin: string,
  { offsets, nextOffset }: Fetched,
  record: number,
  { maxEventBytes }: ItemOptions,
): Generator<Item, void, void> {
  const offset = offsets[record] ?? 0;
  const position = { offset: offsets[record + 1] ?? nextOffset };
  for (let at = 0, piece = 1; at < value.length; at += maxEventBytes, piece++) {
    const bytes = new Uint8Array(value.subarray(at, at + maxEventBytes));
    const last = at + maxEventBytes >= value.length;
    const content = {
      kind: "piece",
      piece: { origin, line: 0, offsetBytes: 0, offset, piece, last, bytes },
    } as const;
    yield { partition: origin, position, content };
  }
}
