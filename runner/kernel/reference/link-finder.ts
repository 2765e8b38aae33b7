// Finds the key links of events among those at hand, and notes which ones have to be asked for.
import type { KeyPlan, SourcePlan } from "../../plan/plan.ts";
import { FINGERPRINT_WORDS, Fingerprints, noValue } from "../../privacy/fingerprint.ts";
import type { LinkTable } from "../../privacy/link-table.ts";
import type { LinkSecret } from "../kernel.ts";
import { noLink, wanted } from "./events.ts";
import { Output } from "./output.ts";
import { textOf, unescapeInto } from "./text.ts";
import { Wants } from "./wants.ts";

const dayMs = 86_400_000;
const backslash = 0x5c;

export class LinkFinder {
  readonly wants = new Wants();
  private readonly keyed: readonly KeyPlan[];
  private readonly table: LinkTable;
  private readonly prints = new Fingerprints();
  private readonly print = new Int32Array(FINGERPRINT_WORDS);
  private readonly plain = new Output(256);

  constructor({ keyed }: SourcePlan, table: LinkTable) {
    this.keyed = keyed;
    this.table = table;
  }

  /** The link of the event's @key, the inside of the string `bytes[start, end)`; start -1: it has none. What comes back is a `row.links` entry. */
  ofValue(keyed: number, bytes: Uint8Array, start: number, end: number, timeMs: number): number {
    const print = start < 0 ? noValue : this.printOf(bytes, start, end);
    const row = this.table.find(keyed, print, timeMs);
    if (row >= 0) return row;
    const { step, rotate } = this.keyed[keyed]!;
    // Days are windows of their own; how other windows lie, only the store knows.
    const window = rotate?.kind === "daily" ? Math.floor(timeMs / dayMs) : timeMs;
    const known = this.wants.find(keyed, print, window);
    if (known >= 0) return wanted - known;
    const value = start < 0 ? null : textOf(bytes, start, end);
    return wanted - this.wants.push(keyed, print, window, { kind: "value", step, value, timeMs });
  }

  /** The link that a sealed event names by the inside of the string `bytes[start, end)`. */
  ofLink(keyed: number, bytes: Uint8Array, start: number, end: number): number {
    const print = this.printOf(bytes, start, end);
    const row = this.table.findNamed(keyed, print);
    if (row >= 0) return row;
    const known = this.wants.find(keyed, print, 0);
    if (known >= 0) return wanted - known;
    const { step } = this.keyed[keyed]!;
    const keyLink = textOf(bytes, start, end);
    return wanted - this.wants.push(keyed, print, 0, { kind: "link", step, keyLink });
  }

  /** Takes up the answers to the wants, in order; returns their rows, with `noLink` for a link that the store lacks. */
  takeUp(links: readonly (LinkSecret | undefined)[]): readonly number[] {
    const { wants, table, print } = this;
    if (links.length !== wants.count) throw new Error("A batch got not as many key links as it asked for.");
    return links.map((link, want) => {
      const asked = wants.list[want]!;
      // A store makes what it lacks: no value is without a link.
      if (link === undefined && asked.kind === "value")
        throw new Error("The key store gave no keys for an event.");
      if (link === undefined) return noLink;
      const keyed = wants.keyedOf(want);
      wants.printOf(want, print);
      // Several wants of one value may have had the same answer.
      const row =
        asked.kind === "value" ? table.find(keyed, print, asked.timeMs) : table.findNamed(keyed, print);
      return row >= 0 ? row : table.add(keyed, print, link);
    });
  }

  /** The fingerprint of a valid string's inside, its escapes read; it is overwritten by the next one. */
  printOf(bytes: Uint8Array, start: number, end: number): Int32Array {
    const { prints, print, plain } = this;
    if (!hasEscape(bytes, start, end)) prints.take(bytes, start, end, print);
    else {
      plain.at = 0;
      unescapeInto(plain, bytes, start, end);
      prints.take(plain.bytes, 0, plain.at, print);
    }
    return print;
  }
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === backslash) return true;
  return false;
}
