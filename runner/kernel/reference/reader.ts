// The first half of the work on a batch: lines to events, each validated, with its consent, its time and its keys.
import { isUtf8 } from "node:buffer";
import type { SourcePlan } from "../../plan/plan.ts";
import { captures } from "../../plan/shape.ts";
import type { LinkTable } from "../../privacy/link-table.ts";
import type { Batch, KeyWant, Records, Rejection } from "../kernel.ts";
import { readyShape } from "./avro/ready.ts";
import { AvroScanner, needsMeta } from "./avro/scanner.ts";
import { type Consent, Consents } from "./consents.ts";
import { Events, noLink, row } from "./events.ts";
import { LinkFinder } from "./link-finder.ts";
import { readyNodes } from "./nodes.ts";
import { Output, type Viewed, viewOf } from "./output.ts";
import { Refusal, withoutText } from "./refusal.ts";
import { Scanner } from "./scanner.ts";
import { entry, mark, type Tape } from "./tape.ts";
import { type ReadTime, Times } from "./times.ts";

const lineFeed = 0x0a;
const tab = 0x09;
const nothing = 0x6e;

/** Where a capture starts in `Scanner.captured`. */
const at = {
  key: captures.indexOf("key") * 2,
  subject: captures.indexOf("subject") * 2,
  time: captures.indexOf("time") * 2,
  consent: captures.indexOf("consent") * 2,
  link: captures.indexOf("link") * 2,
};

/** Reads events of one format. */
interface EventScanner {
  readonly tape: Tape;
  readonly captured: Int32Array;
  begin(): void;
  valuesOf(batch: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  event(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void;
}

export class Reader {
  readonly events: Events;
  readonly scanner: EventScanner;
  readonly consents: Consents;
  readonly finder: LinkFinder;
  batch: Viewed = new Output(0);
  private readonly plan: SourcePlan;
  private readonly isAvro: boolean;
  private readonly times: Times;
  /** By the plan's `keyed`: the streams that open with those keys what was sealed elsewhere. */
  private readonly openers: readonly (readonly number[])[];
  private readTimeMs = 0;
  /** The batch as it was given. */
  private source: Batch = {
    bytes: new Uint8Array(0),
    origin: "",
    firstLine: 1,
    offsetBytes: 0,
    readTimeMs: 0,
  };
  /** Where line feeds stood in records. */
  private readonly lineFeeds: number[] = [];

  constructor(plan: SourcePlan, table: LinkTable, readTime: ReadTime | undefined) {
    this.plan = plan;
    this.events = new Events(plan.keyed.length);
    const writesMeta = plan.streams.some(({ sealer, sinks }) => sealer >= 0 && sinks.includes("events"));
    const input = plan.avro?.input;
    const lacksMeta = writesMeta && plan.avro !== undefined && needsMeta(readyShape(plan.avro.raw));
    this.isAvro = input !== undefined;
    this.scanner =
      input === undefined
        ? new Scanner(readyNodes(plan.shape), plan.unknown, writesMeta, lacksMeta)
        : new AvroScanner(readyShape(input), writesMeta);
    this.consents = new Consents(plan.consent, plan.streams);
    this.finder = new LinkFinder(plan, table);
    this.times = new Times(plan.time, readTime);
    this.openers = plan.keyed.map((_, keyed) => openersOf(plan, keyed));
  }

  /** Fills `events` and the scanner's tape from the batch; returns the keys that it lacks. */
  read(batch: Batch): readonly KeyWant[] {
    // One kind of array everywhere: code that meets buffers as well is slower.
    const bytes = new Uint8Array(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
    this.batch = { bytes, view: viewOf(bytes) };
    this.readTimeMs = batch.readTimeMs;
    this.source = batch;
    this.events.begin();
    this.scanner.begin();
    this.finder.wants.begin();
    if (batch.records === undefined) this.lines(bytes);
    else this.records(bytes, batch.records);
    return [...this.finder.wants.list];
  }

  /** What the single values of the batch's events stand in, as JSON. */
  get values(): Uint8Array<ArrayBuffer> {
    return this.scanner.valuesOf(this.batch.bytes);
  }

  /** Where an event of the batch stands in its origin: for the nonce. */
  offsetOf(record: number, start: number): number {
    const { records, offsetBytes } = this.source;
    return records === undefined ? offsetBytes + start : records.offsets[record]!;
  }

  /** The place of an event in a rejection. */
  placeOf(
    record: number,
    start: number,
    end: number,
  ): Pick<Rejection, "line" | "offsetBytes" | "offset" | "start" | "end"> {
    const { records, firstLine, offsetBytes } = this.source;
    const offset = records?.offsets[record];
    if (records?.lines !== undefined && offset !== undefined)
      return { line: records.lines[record]!, offsetBytes: offset, start, end };
    if (offset !== undefined) return { line: 0, offsetBytes: 0, offset, start, end };
    return { line: firstLine + record, offsetBytes: offsetBytes + start, start, end };
  }

  /** Puts back what `read` has changed in the batch's bytes. */
  restore(): void {
    for (const at of this.lineFeeds) this.batch.bytes[at] = lineFeed;
    this.lineFeeds.length = 0;
  }

  private lines(bytes: Uint8Array<ArrayBuffer>): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const valid = isUtf8(bytes);
    for (let line = 0, start = 0; start < bytes.length; line++) {
      let end = text.indexOf(lineFeed, start);
      if (end < 0) end = bytes.length;
      this.line(line, start, end, valid || isUtf8(bytes.subarray(start, end)));
      start = end + 1;
    }
  }

  private line(line: number, lineStart: number, lineFeedAt: number, valid: boolean): void {
    const { bytes } = this.batch;
    const lineEnd = bytes[lineFeedAt - 1] === 0x0d && lineFeedAt > lineStart ? lineFeedAt - 1 : lineFeedAt;
    this.text(line, lineStart, lineEnd, valid, "line");
  }

  /** Line feeds between a record's tokens become tabs, so that an event is one line wherever it is written. */
  private joinLines(bytes: Uint8Array<ArrayBuffer>): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = text.indexOf(lineFeed); at >= 0; at = text.indexOf(lineFeed, at + 1)) {
      this.lineFeeds.push(at);
      bytes[at] = tab;
    }
  }

  private records(bytes: Uint8Array<ArrayBuffer>, { ends, timesMs, refused = [] }: Records): void {
    if (!this.isAvro) this.joinLines(bytes);
    const valid = this.isAvro || isUtf8(bytes);
    let next = 0;
    for (let record = 0, start = 0; record < ends.length; record++) {
      const end = ends[record]!;
      const refusal = refused[next];
      if (refusal?.record === record) {
        next++;
        this.refuse(new Refusal(refusal.code, refusal.reason, undefined), record, start, end);
      } else {
        this.readTimeMs = timesMs[record]!;
        if (this.isAvro) this.event(record, start, end, start, end);
        else this.text(record, start, end, valid || isUtf8(bytes.subarray(start, end)), "record");
      }
      start = end;
    }
  }

  private text(record: number, from: number, to: number, valid: boolean, noun: "line" | "record"): void {
    const { bytes } = this.batch;
    let start = from;
    let end = to;
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    if (start === end && noun === "line") return;
    if (start === end)
      this.refuse(new Refusal("event.not-json", "The record is empty.", undefined), record, from, to);
    else if (valid) this.event(record, from, to, start, end);
    else
      this.refuse(
        new Refusal("event.invalid-utf8", `The ${noun} is not valid UTF-8.`, undefined),
        record,
        from,
        to,
      );
  }

  private event(record: number, from: number, to: number, start: number, end: number): void {
    const { scanner } = this;
    const { tape } = scanner;
    const tapeStart = tape.count;
    try {
      scanner.event(this.batch.bytes, start, end);
      this.add(record, from, to, start, end, tapeStart);
    } catch (thrown) {
      tape.count = tapeStart;
      if (!(thrown instanceof Refusal)) throw withoutText(thrown);
      this.refuse(thrown, record, from, to);
    }
  }

  private add(
    record: number,
    lineStart: number,
    lineEnd: number,
    start: number,
    end: number,
    tapeStart: number,
  ): void {
    const { events } = this;
    const bytes = this.values;
    const { captured, tape } = this.scanner;
    const consent = this.consents.read(bytes, captured[at.consent]!, captured[at.consent + 1]!);
    const timeMs = this.times.read(bytes, captured[at.time]!, captured[at.time + 1]!, this.readTimeMs);
    const base = events.push(timeMs, consent);
    const { data } = events;
    data[base + row.lineStart] = lineStart;
    data[base + row.lineEnd] = lineEnd;
    data[base + row.record] = record;
    data[base + row.start] = start;
    data[base + row.end] = end;
    data[base + row.tapeStart] = tapeStart;
    data[base + row.tapeEnd] = tape.count;
    const subject = captured[at.subject]!;
    data[base + row.subjectStart] = subject >= 0 && bytes[subject] === nothing ? -1 : subject;
    data[base + row.subjectEnd] = captured[at.subject + 1]!;
    const link = captured[at.link]!;
    data[base + row.linkStart] = link < 0 ? -1 : link + 1;
    data[base + row.linkEnd] = captured[at.link + 1]! - 1;
    const { keyed } = this.plan;
    for (let i = 0; i < keyed.length; i++) {
      data[base + row.links + i] =
        keyed[i]!.kind === "value" ? this.ofValue(i, timeMs) : this.ofLink(i, consent, tapeStart);
    }
  }

  private refuse({ code, reason, path }: Refusal, record: number, start: number, end: number): void {
    const { source } = this.plan;
    this.events.rejected.push({
      step: source,
      code,
      reason,
      ...(path === undefined ? {} : { path }),
      ...this.placeOf(record, start, end),
    });
  }

  private ofValue(keyed: number, timeMs: number): number {
    const { finder } = this;
    const bytes = this.values;
    const { captured } = this.scanner;
    const start = captured[at.key]!;
    if (start < 0 || bytes[start] === nothing) return finder.ofValue(keyed, bytes, -1, -1, timeMs);
    return finder.ofValue(keyed, bytes, start + 1, captured[at.key + 1]! - 1, timeMs);
  }

  /** Only for an event that an opening stream passes and that has something to open. */
  private ofLink(keyed: number, consent: Consent, tapeStart: number): number {
    const { captured } = this.scanner;
    for (const stream of this.openers[keyed]!) {
      if (!consent.passes[stream]! || !this.hasSpotOf(this.plan.streams[stream]!.opens, tapeStart)) continue;
      return this.finder.ofLink(keyed, this.values, captured[at.link]! + 1, captured[at.link + 1]! - 1);
    }
    return noLink;
  }

  private hasSpotOf(spots: readonly number[], tapeStart: number): boolean {
    const { data, count } = this.scanner.tape;
    for (let i = tapeStart; i < count; i++) {
      if (spots.includes(data[i * entry.width]! - mark.spots)) return true;
    }
    return false;
  }
}

function openersOf({ streams }: SourcePlan, keyed: number): readonly number[] {
  return [...streams.entries()]
    .filter(([, { opens, fields }]) => opens.some((spot) => fields[spot]?.opener === keyed))
    .map(([index]) => index);
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x09 || c === 0x0d;
}
