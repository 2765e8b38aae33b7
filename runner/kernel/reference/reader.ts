// The first half of the work on a batch: lines to events, each validated, with its consent, its time and its keys.
import { isUtf8 } from "node:buffer";
import type { KeyPlan, SourcePlan } from "../../plan/plan.ts";
import { captures } from "../../plan/shape.ts";
import type { KernelDeps } from "../deps.ts";
import type { Batch, KeyWant } from "../kernel.ts";
import { ByteMemo } from "./byte-memo.ts";
import { type Consent, Consents } from "./consents.ts";
import { Events, row } from "./events.ts";
import type { LinkSlot, LinkSlots } from "./link-slots.ts";
import { readyNodes } from "./nodes.ts";
import { Refusal, withoutText } from "./refusal.ts";
import { Scanner } from "./scanner.ts";
import { entry, mark } from "./tape.ts";
import { textOf } from "./text.ts";
import { Times } from "./times.ts";

const lineFeed = 0x0a;
const dayMs = 86_400_000;
const nothing = 0x6e;

/** Where a capture starts in `Scanner.captured`. */
const at = {
  key: captures.indexOf("key") * 2,
  subject: captures.indexOf("subject") * 2,
  time: captures.indexOf("time") * 2,
  consent: captures.indexOf("consent") * 2,
  link: captures.indexOf("link") * 2,
};

export class Reader {
  readonly events = new Events();
  readonly scanner: Scanner;
  readonly consents: Consents;
  private readonly plan: SourcePlan;
  private readonly deps: KernelDeps;
  private readonly slots: LinkSlots;
  private readonly times: Times;
  private readonly texts = new ByteMemo<string>(1 << 14);
  private readonly wanted = new Map<string, number>();
  /** By the plan's `keyed`: the stream that opens with those keys. */
  private readonly openers: readonly number[];
  private bytes: Uint8Array = new Uint8Array(0);

  constructor(plan: SourcePlan, deps: KernelDeps, slots: LinkSlots) {
    this.plan = plan;
    this.deps = deps;
    this.slots = slots;
    const seals = plan.streams.some((stream) => stream.kind === "encrypt");
    this.scanner = new Scanner(readyNodes(plan.shape), plan.unknown, seals);
    this.consents = new Consents(plan.consent, plan.streams);
    this.times = new Times(plan.time, deps.readTime);
    this.openers = plan.keyed.map(({ step }) => plan.streams.findIndex((stream) => stream.name === step));
  }

  /** Fills `events` and the scanner's tape from `bytes`, the batch's. */
  read(batch: Batch, bytes: Uint8Array): void {
    this.bytes = bytes;
    this.events.begin();
    this.scanner.tape.count = 0;
    this.wanted.clear();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const valid = isUtf8(bytes);
    let line = batch.firstLine;
    for (let start = 0; start < bytes.length; line++) {
      let end = text.indexOf(lineFeed, start);
      if (end < 0) end = bytes.length;
      this.line(batch, { line, start, end, valid: valid || isUtf8(bytes.subarray(start, end)) });
      start = end + 1;
    }
  }

  private line(batch: Batch, place: { line: number; start: number; end: number; valid: boolean }): void {
    const { bytes, events, scanner } = this;
    const { line, start: lineStart, valid } = place;
    const lineEnd = bytes[place.end - 1] === 0x0d && place.end > lineStart ? place.end - 1 : place.end;
    let start = lineStart;
    let end = lineEnd;
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    if (start === end) return;
    const { tape, captured } = scanner;
    const tapeStart = tape.count;
    try {
      if (!valid) throw new Refusal("event.invalid-utf8", "The line is not valid UTF-8.", undefined);
      scanner.event(bytes, start, end);
      const consent = this.consents.read(bytes, captured[at.consent]!, captured[at.consent + 1]!);
      const timeMs = this.times.read(bytes, captured[at.time]!, captured[at.time + 1]!, batch.readTimeMs);
      const base = events.add();
      const { data } = events;
      data[base + row.lineStart] = lineStart;
      data[base + row.lineEnd] = lineEnd;
      data[base + row.line] = line;
      data[base + row.start] = start;
      data[base + row.end] = end;
      data[base + row.tapeStart] = tapeStart;
      data[base + row.tapeEnd] = tape.count;
      const subject = captured[at.subject]!;
      data[base + row.subjectStart] = subject >= 0 && bytes[subject] === nothing ? -1 : subject;
      data[base + row.subjectEnd] = captured[at.subject + 1]!;
      events.times.push(timeMs);
      events.consents.push(consent);
      this.findKeys(timeMs, consent, tapeStart);
    } catch (thrown) {
      tape.count = tapeStart;
      if (!(thrown instanceof Refusal)) throw withoutText(thrown);
      const { code, reason, path } = thrown;
      events.rejected.push({
        step: this.plan.source,
        code,
        reason,
        ...(path === undefined ? {} : { path }),
        line,
        offsetBytes: batch.offsetBytes + lineStart,
        start: lineStart,
        end: lineEnd,
      });
    }
  }

  private findKeys(timeMs: number, consent: Consent, tapeStart: number): void {
    const { keyed } = this.plan;
    for (let i = 0; i < keyed.length; i++) {
      const key = keyed[i]!;
      this.events.links.push(
        key.kind === "value"
          ? this.ofValue(key, timeMs)
          : this.ofLink(key, this.openers[i]!, consent, tapeStart),
      );
    }
  }

  private ofValue(key: KeyPlan, timeMs: number): LinkSlot | number {
    const start = this.scanner.captured[at.key]!;
    const value = start < 0 || this.bytes[start] === nothing ? null : this.capturedText(at.key);
    const keys = this.deps.keys.ofValue(key.step, value, timeMs);
    if (keys !== undefined) return this.slots.of(keys);
    // Days are windows of their own; how other windows lie, only the store knows.
    const window = key.rotate?.kind === "daily" ? Math.floor(timeMs / dayMs) : timeMs;
    return this.want(`${key.step} ${window} ${value === null ? "-" : `+${value}`}`, {
      kind: "value",
      step: key.step,
      value,
      timeMs,
    });
  }

  /** Only for an event that the opening stream passes and that has something to open. */
  private ofLink(
    key: KeyPlan,
    stream: number,
    consent: Consent,
    tapeStart: number,
  ): LinkSlot | number | undefined {
    if (!consent.passes[stream]! || !this.hasSpotOf(this.plan.streams[stream]!.opens, tapeStart))
      return undefined;
    const keyLink = this.capturedText(at.link);
    const keys = this.deps.keys.ofLink(key.step, keyLink);
    if (keys !== undefined) return this.slots.of(keys);
    return this.want(`${key.step} ${keyLink}`, { kind: "link", step: key.step, keyLink });
  }

  private hasSpotOf(spots: readonly number[], tapeStart: number): boolean {
    const { data, count } = this.scanner.tape;
    for (let i = tapeStart; i < count; i++) {
      if (spots.includes(data[i * entry.width]! - mark.spots)) return true;
    }
    return false;
  }

  private want(name: string, want: KeyWant): number {
    const known = this.wanted.get(name);
    if (known !== undefined) return known;
    const index = this.events.wants.push(want) - 1;
    this.wanted.set(name, index);
    return index;
  }

  /** The text of a captured string. */
  private capturedText(capture: number): string {
    const start = this.scanner.captured[capture]! + 1;
    const end = this.scanner.captured[capture + 1]! - 1;
    const { bytes, texts } = this;
    return texts.get(bytes, start, end) ?? texts.add(bytes, start, end, textOf(bytes, start, end));
  }
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x09 || c === 0x0d;
}
