// Reads what an event's data subject consented to, and remembers it by the bytes it was written with.
import type { ConsentPlan, StreamPlan } from "../../plan/plan.ts";
import { covers, maxLevel, spread } from "../../privacy/consent.ts";
import { ByteMemo } from "./byte-memo.ts";
import { integerAt } from "./numbers.ts";
import { Refusal } from "./refusal.ts";
import { textOf } from "./text.ts";

const nothing = new Uint8Array(0);

/** E, and what follows from it. */
export interface Consent {
  /** Ascending, each once. */
  readonly levels: readonly number[];
  /** E as the JSON list that sealing writes, in ASCII. */
  readonly json: Uint8Array;
  /** By index of the stream: whether R ⊆ E. */
  readonly passes: readonly boolean[];
  /** Events of the present batch that have it. */
  events: number;
}

export class Consents {
  private readonly plan: ConsentPlan;
  private readonly streams: readonly StreamPlan[];
  private readonly known = new ByteMemo<Consent>(4096);
  private readonly lists = new ByteMemo<Uint8Array>(4096);
  private readonly none: Consent;

  constructor(plan: ConsentPlan, streams: readonly StreamPlan[]) {
    this.plan = plan;
    this.streams = streams;
    this.none = this.consentOf([]);
  }

  /** The consent at `bytes[start, end)`; start -1: the event has none. Throws a `Refusal` for a text that the map lacks. */
  read(bytes: Uint8Array, start: number, end: number): Consent {
    if (start < 0 || bytes[start] === 0x6e) return this.none;
    return (
      this.known.get(bytes, start, end) ??
      this.known.add(bytes, start, end, this.consentOf(this.levels(bytes, start, end)))
    );
  }

  /** The list of integers at `bytes[start, end)` in the form of `Consent.json`; of anything else: nothing. */
  listAt(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (!isPlainList(bytes, start, end)) return nothing;
    return (
      this.lists.get(bytes, start, end) ??
      this.lists.add(
        bytes,
        start,
        end,
        jsonOf(spread(integers(bytes, start, end), { cumulative: false, declared: [] })),
      )
    );
  }

  private levels(bytes: Uint8Array, start: number, end: number): readonly number[] {
    const { map, otherwise, cumulative } = this.plan;
    let levels: readonly number[];
    if (bytes[start] === 0x22) {
      const text = textOf(bytes, start + 1, end - 1);
      const found = map !== undefined && Object.hasOwn(map, text) ? map[text] : otherwise;
      if (found === undefined) {
        throw new Refusal(
          "event.unknown-consent",
          "The consent text is not in the contract's map.",
          this.plan.path,
        );
      }
      levels = found;
    } else levels = integers(bytes, start, end);
    // Levels that no program can name add nothing; a cumulative one could otherwise stand for two billion.
    const bounded = cumulative ? levels.map((level) => Math.min(level, maxLevel)) : levels;
    // `strmMeta.consentLevels` has ints: what a long alone can hold would make the sealed event unreadable.
    return bounded.filter((level) => level === (level | 0));
  }

  private consentOf(found: readonly number[]): Consent {
    const levels = spread(found, this.plan);
    return {
      levels,
      json: jsonOf(levels),
      passes: this.streams.map((stream) => covers(levels, stream.gate)),
      events: 0,
    };
  }
}

/** The integers of a valid number, or of a valid list of them. */
function integers(bytes: Uint8Array, start: number, end: number): readonly number[] {
  const found: number[] = [];
  for (let p = start; p < end; p++) {
    if (!isPart(bytes[p]!)) continue;
    const from = p;
    while (p < end && isPart(bytes[p]!)) p++;
    // Adding 0 makes 0 of -0.
    found.push(integerAt(bytes, from, p) + 0);
  }
  return found;
}

/** True for a list of integers and nothing else. */
function isPlainList(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0x5b) return false;
  for (let p = start + 1; p < end - 1; p++) {
    const c = bytes[p]!;
    if (!isPart(c) && c !== 0x2c && c !== 0x20 && c !== 0x09 && c !== 0x0d) return false;
  }
  return true;
}

function isPart(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || c === 0x2d;
}

function jsonOf(levels: readonly number[]): Uint8Array {
  return Uint8Array.from(Buffer.from(`[${levels.join(",")}]`));
}
