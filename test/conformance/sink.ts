// What every sink must do, whatever it writes to.
import { expect, onTestFinished, test } from "vitest";
import type { Json } from "../../dsl/spec/option-value.ts";
import type { Committed, Cut, Sink } from "../../runner/connectors/delivery.ts";
import { type Random, seeded } from "../kit/random.ts";

/** What stands where others read it. */
export interface Visible {
  /** Unpacked. */
  readonly content: Buffer;
  readonly sizeBytes: number;
}

export interface SinkSubject {
  /** Opens it on its place as a run does. `resume`: the state of the checkpoint that it goes on from. */
  open(resume?: Json): Promise<Sink>;
  /** Object by object, in order. */
  visible(): readonly Visible[];
  /** Names of what stands there beside. */
  hidden(): readonly string[];
}

export interface SinkTraits {
  /** What shows what was written: a commit, the write itself, or something that goes on beside the run, of which commits tell afterwards. */
  readonly shownBy: "commit" | "write" | "time";
  /** False: what came after a checkpoint can't be taken back. */
  readonly exact: boolean;
  /** What each object begins with. */
  readonly header?: string;
  /** Objects that appear where there is no event at all. */
  readonly emptyObjects: number;
  /** False: it tells nobody what it wrote where. */
  readonly reports: boolean;
}

/** `STRM_HISTORIES=500` is the long run. */
const HISTORIES = Number(process.env.STRM_HISTORIES ?? 10);
/** Each suite lives through histories of its own. */
let suites = 0;
const SIZES = [10, 10, 10, 100, 1000, 20_000, 250_000];

export const cutOf = (checkpoint: number, ends: boolean): Cut => ({ checkpoint, ends, positions: new Map() });

/** As a run ends that is not broken off. */
export async function finish(sink: Sink, checkpoint = 1): Promise<Committed> {
  await sink.prepare(cutOf(checkpoint, true));
  const committed = await sink.commit();
  await sink.close();
  return committed;
}

/** `make` gives a place of its own to each call. */
export function sinkConformance(make: () => SinkSubject, traits: SinkTraits): void {
  const { shownBy, exact, header = "", emptyObjects, reports } = traits;
  const seed = suites++;

  /** All that is visible, without what each object begins with. */
  const shown = (subject: SinkSubject): string =>
    subject
      .visible()
      .map(({ content }) => {
        const text = content.toString("latin1");
        expect(text.startsWith(header)).toBe(true);
        return text.slice(header.length);
      })
      .join("");

  test("writes every byte in order, shows no more than commits say, and reports it", async () => {
    const subject = make();
    const sink = await subject.open();
    const [text, committed] = [[] as string[], [] as Committed[]];
    for (let i = 0; i < 50; i++) {
      const events = 1 + (i % 7) * 100;
      text.push(`{"i":${i}}\n`.repeat(events));
      await sink.write(Buffer.from(text[i]!), events);
      if (i % 20 !== 19) continue;
      const before = shown(subject);
      await sink.prepare(cutOf(committed.length + 1, false));
      if (shownBy !== "time") expect(shown(subject)).toBe(before);
      committed.push(await sink.commit());
      const lines = countLines(shown(subject));
      if (shownBy === "commit") expect(lines).toBe(eventsOf(committed));
      else expect(lines).toBeGreaterThanOrEqual(eventsOf(committed));
    }
    committed.push(await finish(sink, committed.length + 1));
    const all = text.join("");
    expect(shown(subject) === all).toBe(true);
    expect(subject.hidden()).toEqual([]);
    expect(eventsOf(committed)).toBe(countLines(all));
    const written = committed.flatMap((each) => each.written);
    expect(written.length > 0).toBe(reports);
    if (!reports) return;
    expect(written.reduce((sum, { events }) => sum + events, 0)).toBe(countLines(all));
    const sizeBytes = subject.visible().reduce((sum, each) => sum + each.sizeBytes, 0);
    expect(written.reduce((sum, report) => sum + report.sizeBytes, 0)).toBe(sizeBytes);
  });

  test("is done with the bytes when a write resolves", async () => {
    const subject = make();
    const sink = await subject.open();
    const bytes = Buffer.from('{"a":1}\n');
    await sink.write(bytes, 1);
    bytes.fill("x");
    await sink.write(Buffer.from('{"b":2}\n'), 1);
    await finish(sink);
    expect(shown(subject)).toBe('{"a":1}\n{"b":2}\n');
  });

  test("takes its cut within the call of `prepare`", async () => {
    const subject = make();
    const sink = await subject.open();
    await sink.write(Buffer.from("1\n"), 1);
    const preparing = sink.prepare(cutOf(1, false));
    const writing = sink.write(Buffer.from("2\n"), 1);
    const state = stored(await preparing);
    await writing;
    abandon(sink);
    const next = await subject.open(state);
    const events = [(await next.commit()).events, (await finish(next, 2)).events];
    expect(events[0]! + events[1]!).toBe(1);
    expect(shown(subject)).toBe(exact ? "1\n" : "1\n2\n");
  });

  test("closes twice without a word, and leaves nothing where no checkpoint holds anything", async () => {
    for (const events of [0, 1]) {
      const subject = make();
      const sink = await subject.open();
      if (events > 0) await sink.write(Buffer.from("1\n"), 1);
      await sink.close();
      await sink.close();
      if (shownBy === "write") continue;
      expect(subject.visible()).toEqual([]);
      expect(subject.hidden()).toEqual([]);
    }
  });

  test("completes without a single event, over checkpoints and runs", async () => {
    const subject = make();
    const sink = await subject.open();
    const state = stored(await sink.prepare(cutOf(1, false)));
    expect((await sink.commit()).events).toBe(0);
    abandon(sink);
    const next = await subject.open(state);
    expect((await next.commit()).events).toBe(0);
    const { events, written } = await finish(next, 2);
    expect(events).toBe(0);
    expect(written.reduce((sum, report) => sum + report.events, 0)).toBe(0);
    expect(subject.visible().map(({ content }) => content.toString())).toEqual(
      Array(emptyObjects).fill(header),
    );
    expect(subject.hidden()).toEqual([]);
  });

  test("completes without a single event also where a run was closed before its last commit", async () => {
    const subject = make();
    const sink = await subject.open();
    const state = stored(await sink.prepare(cutOf(1, true)));
    await sink.close();
    const next = await subject.open(state);
    expect((await next.commit()).events).toBe(0);
    await next.close();
    expect(subject.visible().length).toBe(emptyObjects);
    expect(subject.hidden()).toEqual([]);
  });

  test("goes on where a run was stopped, again and again", async () => {
    const subject = make();
    let state: Json | undefined;
    const committed: Committed[] = [];
    for (const [i, text] of ["1\n", "", "2\n3\n", "", "", "4\n"].entries()) {
      const sink = await subject.open(state);
      if (state !== undefined) expect((await sink.commit()).events).toBe(committed.at(-1)?.events);
      if (text !== "") await sink.write(Buffer.from(text), countLines(text));
      state = stored(await sink.prepare(cutOf(i + 1, true)));
      committed.push(await sink.commit());
      await sink.close();
      expect(countLines(shown(subject))).toBe(eventsOf(committed));
    }
    expect(shown(subject)).toBe("1\n2\n3\n4\n");
  });

  test("has every event once, whenever runs break off", async () => {
    const random = seeded(seed);
    for (let i = 0; i < HISTORIES; i++) {
      const history = new History(make(), traits, shown, random);
      await history.live();
    }
  });
}

/** A checkpoint that was recorded. */
interface Recorded {
  readonly checkpoint: number;
  readonly state: Json;
  readonly lines: number;
}

/** A job from its start to its end, in as many runs as it takes. */
class History {
  readonly #subject: SinkSubject;
  readonly #traits: SinkTraits;
  readonly #shown: (subject: SinkSubject) => string;
  readonly #random: Random;
  readonly #lines: readonly string[];
  /** Lines that were written by the run at hand and those before, as far as the last checkpoint then held them. */
  #written = 0;
  #log = "";
  #recorded: Recorded | undefined;
  /** What commits answered, by checkpoint. */
  readonly #told = new Map<number, number>();
  readonly #story: string[] = [];

  constructor(
    subject: SinkSubject,
    traits: SinkTraits,
    shown: (subject: SinkSubject) => string,
    random: Random,
  ) {
    this.#subject = subject;
    this.#traits = traits;
    this.#shown = shown;
    this.#random = random;
    this.#lines = Array.from(
      { length: 10 + random.below(30) },
      (_, i) => `${i} ${"x".repeat(random.below(random.pick(SIZES)))}\n`,
    );
  }

  async live(): Promise<void> {
    try {
      while (!(await this.#run()));
      const told = [...this.#told.values()].reduce((sum, events) => sum + events, 0);
      expect(told).toBe(this.#lines.length);
      if (this.#traits.exact) expect(this.#shown(this.#subject) === this.#lines.join("")).toBe(true);
      expect(this.#subject.hidden()).toEqual([]);
    } catch (error) {
      throw new Error(`after ${this.#story.join(", ")}`, { cause: error });
    }
  }

  /** Until it is broken off: false; or until its end. */
  async #run(): Promise<boolean> {
    const recorded = this.#recorded;
    this.#written = recorded?.lines ?? 0;
    const sink = await this.#subject.open(recorded?.state);
    this.#tell(`open at ${recorded?.checkpoint ?? "start"}`);
    if (recorded === undefined) this.#told.clear();
    else await this.#commit(sink, recorded.checkpoint);
    if (this.#traits.exact && this.#traits.shownBy === "write") {
      expect(this.#shown(this.#subject)).toBe(this.#lines.slice(0, this.#written).join(""));
    }
    for (;;) {
      const step = this.#random.below(20);
      if (step < 9) await this.#write(sink);
      else if (step < 16) {
        if (!(await this.#checkpoint(sink, false))) return this.#breakOff(sink);
      } else if (step === 16) return this.#breakOff(sink);
      else if (this.#written === this.#lines.length || step === 17) {
        if (!(await this.#checkpoint(sink, true))) return this.#breakOff(sink);
        await sink.close();
        return this.#written === this.#lines.length;
      }
    }
  }

  get #checkpointNumber(): number {
    return (this.#recorded?.checkpoint ?? 0) + 1;
  }

  async #write(sink: Sink): Promise<void> {
    const from = this.#written;
    const lines = this.#lines.slice(from, from + 1 + this.#random.below(4));
    if (lines.length === 0) return;
    this.#written += lines.length;
    this.#log += lines.join("");
    this.#tell(`write ${lines.length}`);
    const bytes = Buffer.from(lines.join(""));
    await sink.write(bytes, lines.length);
    bytes.fill("!");
  }

  /** False where the run breaks off within. */
  async #checkpoint(sink: Sink, ends: boolean): Promise<boolean> {
    const [lines, checkpoint] = [this.#written, this.#checkpointNumber];
    this.#tell(`prepare${ends ? " to end" : ""}`);
    const before = this.#traits.shownBy === "commit" ? this.#shown(this.#subject) : "";
    const preparing = sink.prepare(cutOf(checkpoint, ends));
    const beside = ends ? undefined : await this.#beside(sink);
    const state = stored(await preparing);
    await beside;
    if (this.#traits.shownBy === "commit") expect(this.#shown(this.#subject) === before).toBe(true);
    const fate = this.#random.below(10);
    // Another sink has failed for a while: the next checkpoint holds all that this one would have.
    if (fate === 0 && !ends) return true;
    if (fate === 1) return false;
    this.#recorded = { checkpoint, state, lines };
    this.#tell("record");
    if (fate <= 3) return false;
    await this.#commit(sink, checkpoint, !ends);
    return true;
  }

  async #commit(sink: Sink, checkpoint: number, beside = false): Promise<void> {
    this.#tell("commit");
    const committing = sink.commit();
    if (beside) await this.#beside(sink);
    const { events } = await committing;
    const before = this.#told.get(checkpoint);
    if (before !== undefined) expect(events).toBe(before);
    this.#told.set(checkpoint, events);
    if (this.#traits.shownBy === "write") return;
    const told = [...this.#told.values()].reduce((sum, each) => sum + each, 0);
    if (this.#traits.shownBy === "time") {
      expect(countLines(this.#shown(this.#subject))).toBeGreaterThanOrEqual(told);
      return;
    }
    expect(this.#shown(this.#subject) === this.#lines.slice(0, told).join("")).toBe(true);
  }

  /** A write goes on meanwhile, or not. */
  async #beside(sink: Sink): Promise<void> {
    if (this.#random.below(2) === 0) await this.#write(sink);
  }

  async #breakOff(sink: Sink): Promise<false> {
    if (!this.#traits.exact) expect(this.#shown(this.#subject) === this.#log).toBe(true);
    if (this.#random.below(2) === 0) {
      this.#tell("close");
      await sink.close();
    } else {
      this.#tell("die");
      abandon(sink);
    }
    return false;
  }

  #tell(step: string): void {
    this.#story.push(step);
  }
}

/** As a state comes back from where it is kept. */
export function stored(state: Json): Json {
  return JSON.parse(JSON.stringify(state));
}

/** As a kill leaves it. It is closed only when all has been looked at, so that no handle is left to the collector. */
export function abandon(sink: Sink): void {
  onTestFinished(() => sink.close());
}

function eventsOf(committed: readonly Committed[]): number {
  return committed.reduce((sum, { events }) => sum + events, 0);
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}
