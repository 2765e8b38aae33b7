// What every source must do, whatever it reads from.
import { expect, test } from "vitest";
import type { Item, Positions, Source } from "../../runner/connectors/delivery.ts";
import type { Buffers } from "../../runner/formats/buffers.ts";
import { type Random, seeded } from "../kit/random.ts";
import { CountedBuffers, type Line, Taken } from "../kit/taken.ts";

export interface SourceSubject {
  /** Opens it as a run does that goes on from these positions. Nothing moves in between, but what the source itself gives. */
  open(resume: Positions, buffers: Buffers): Promise<Source>;
  /** All that it gives in all, in order within each origin. */
  readonly expected: readonly Line[];
}

export interface WaitingSource {
  readonly source: Source;
  /** The lines that it gives before it waits. */
  readonly texts: readonly string[];
}

export interface SourceTraits {
  /** False for one that can't read again what it has read. */
  readonly resumes: boolean;
  /** It ends only when it is stopped. */
  readonly endless?: boolean;
  /** One that waits for ever once it has given what there is; perhaps within a line. */
  readonly waiting?: () => Promise<WaitingSource>;
}

/** Positions that are tried, where there are more. */
const CUTS = 25;
const HISTORIES = 8;
const PATIENCE_MS = 5000;

/** `make` gives a place of its own to each test. */
export function sourceConformance(make: () => Promise<SourceSubject>, traits: SourceTraits): void {
  const { resumes, endless = false, waiting } = traits;

  test("gives every line of every origin, in order, with its place", async () => {
    const subject = await make();
    const taken = await readAll(subject, new Map(), endless);
    expectLines(taken.lines, subject.expected);
  });

  test("gives each item's buffer away, and gets those back that it keeps", async () => {
    const { open, expected } = await make();
    const buffers = new CountedBuffers();
    const given: { readonly bytes: Uint8Array<ArrayBuffer>; readonly copy: Buffer }[] = [];
    const taken = new Taken();
    const source = await open(new Map(), buffers);
    const stop = new AbortController();
    for await (const item of source.items(stop.signal)) {
      taken.take(item);
      const bytes = bytesOf(item);
      if (bytes.length > 0) given.push({ bytes, copy: Buffer.from(bytes) });
      if (endless && taken.lines.length === expected.length) stop.abort();
    }
    await source.close();
    expect(given.length).toBeGreaterThan(0);
    expect(new Set(given.map(({ bytes }) => bytes.buffer)).size).toBe(given.length);
    for (const { bytes, copy } of given) {
      expect(Buffer.compare(bytes, copy)).toBe(0);
      new Uint8Array(bytes.buffer).fill(0x78);
      buffers.out.delete(bytes.buffer);
    }
    expect(buffers.out.size).toBe(0);
  });

  test("ends at once, without an error and without items, when it is stopped before it starts", async () => {
    const { open } = await make();
    const source = await open(new Map(), new CountedBuffers());
    for await (const item of source.items(AbortSignal.abort())) throw new Error(`gave ${item.partition}`);
    await source.close();
  });

  test("closes before it starts, half-way, and twice", async () => {
    const { open } = await make();
    const unread = await open(new Map(), new CountedBuffers());
    await unread.close();
    const source = await open(new Map(), new CountedBuffers());
    for await (const _ of source.items(new AbortController().signal)) break;
    await source.close();
    await source.close();
  });

  if (waiting !== undefined) {
    test("ends soon after a stop while it waits, without the line that is cut there", async () => {
      const { source, texts } = await waiting();
      const taken = new Taken();
      const stop = new AbortController();
      let stoppedMs = 0;
      const abort = () => {
        stoppedMs = performance.now();
        stop.abort();
      };
      for await (const item of source.items(stop.signal)) {
        taken.take(item);
        if (taken.lines.length === texts.length) setTimeout(abort, 50);
      }
      const tookMs = performance.now() - stoppedMs;
      await source.close();
      expect(taken.texts).toEqual(texts);
      expect(tookMs).toBeLessThan(500);
    });
  }

  if (!resumes) return;

  test("goes on behind every item with exactly what is left", async () => {
    const subject = await make();
    const cuts: { readonly positions: Positions; readonly lines: number }[] = [];
    const whole = await readAll(subject, new Map(), endless, ({ positions, lines }) => {
      cuts.push({ positions, lines: lines.length });
    });
    for (const { positions, lines } of sample(cuts, seeded(5))) {
      const rest = await readAll(subject, positions, endless, undefined, whole.lines.slice(lines));
      expectLines(rest.lines, whole.lines.slice(lines));
    }
  });

  test("loses and doubles nothing over runs that stop or break off anywhere", async () => {
    const random = seeded(11);
    const subject = await make();
    for (let history = 0; history < HISTORIES; history++) {
      const all: Line[] = [];
      let resume: Positions = new Map();
      for (let run = 0; all.length < subject.expected.length; run++) {
        expect(run).toBeLessThan(500);
        const buffers = new CountedBuffers();
        const taken = new Taken(buffers);
        const source = await subject.open(resume, buffers);
        const stop = new AbortController();
        let left = random.below(6 + run);
        for await (const item of source.items(stop.signal)) {
          taken.take(item);
          const complete = all.length + taken.lines.length >= subject.expected.length;
          if (left-- > 0 && !complete) continue;
          if (complete || random.below(2) === 0) stop.abort();
          else break;
        }
        await source.close();
        all.push(...taken.lines);
        resume = new Map([...resume, ...taken.positions]);
      }
      expectLines(all, subject.expected);
    }
  });
}

/** From these positions to the end; `expected` says when an endless one has given all. */
async function readAll(
  { open, expected }: SourceSubject,
  resume: Positions,
  endless: boolean,
  after: (taken: Taken) => void = () => {},
  left: readonly Line[] = expected,
): Promise<Taken> {
  const buffers = new CountedBuffers();
  const taken = new Taken(buffers);
  const source = await open(resume, buffers);
  const stop = new AbortController();
  // An endless one that has nothing left to say is given the time to say too much.
  const timer = setTimeout(() => stop.abort(), endless && left.length === 0 ? 50 : PATIENCE_MS);
  for await (const item of source.items(stop.signal)) {
    taken.take(item);
    after(taken);
    if (endless && taken.lines.length >= left.length) stop.abort();
  }
  clearTimeout(timer);
  await source.close();
  expect(buffers.out.size).toBe(0);
  return taken;
}

function bytesOf({ content }: Item): Uint8Array<ArrayBuffer> {
  return content.kind === "batch" ? content.batch.bytes : content.piece.bytes;
}

function sample<T>(all: readonly T[], random: Random): readonly T[] {
  if (all.length <= CUTS) return all;
  const last = all.slice(-1);
  return [...all.slice(0, 3), ...Array.from({ length: CUTS - 4 }, () => random.pick(all)), ...last];
}

/** The same lines, in order within each origin. Says where they part, and not all that they are. */
export function expectLines(actual: readonly Line[], expected: readonly Line[]): void {
  const [given, wanted] = [byOrigin(actual), byOrigin(expected)];
  for (const origin of new Set([...wanted.keys(), ...given.keys()])) {
    const [lines, all] = [given.get(origin) ?? [], wanted.get(origin) ?? []];
    const parted = all.findIndex((line, i) => !same(line, lines[i]));
    const at = parted < 0 ? all.length : parted;
    expect({ origin, at, line: shown(lines[at]) }).toEqual({ origin, at, line: shown(all[at]) });
  }
}

function same(one: Line, other: Line | undefined): boolean {
  return other?.line === one.line && other.offsetBytes === one.offsetBytes && other.text === one.text;
}

function shown(line: Line | undefined) {
  return line === undefined ? "none" : { ...line, text: line.text.slice(0, 60), length: line.text.length };
}

function byOrigin(lines: readonly Line[]): Map<string, Line[]> {
  const origins = new Map<string, Line[]>();
  for (const line of lines) {
    const known = origins.get(line.origin);
    if (known === undefined) origins.set(line.origin, [line]);
    else known.push(line);
  }
  return origins;
}
