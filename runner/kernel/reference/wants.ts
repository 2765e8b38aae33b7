// The keys that a batch lacks, each asked for once.
import { FINGERPRINT_WORDS } from "../../privacy/fingerprint.ts";
import type { KeyWant } from "../kernel.ts";
import { Table } from "./table.ts";

/** Fields of a want's row. */
const row = { keyed: 0, next: 1, print: 2, width: 2 + FINGERPRINT_WORDS } as const;
const slots = 1024;

export class Wants extends Table {
  readonly list: KeyWant[] = [];
  /** By want: the window it asks for, as far as that can be told from the event. */
  private readonly windows: number[] = [];
  /** By hash: the newest want, plus one. */
  private readonly heads = new Int32Array(slots);

  constructor() {
    super(row.width);
  }

  begin(): void {
    this.count = 0;
    this.list.length = 0;
    this.windows.length = 0;
    this.heads.fill(0);
  }

  /** The want for the same, or -1. `keyed`: index in the plan's `keyed`. */
  find(keyed: number, print: Int32Array, window: number): number {
    const { data, windows } = this;
    for (let want = this.heads[print[0]! & (slots - 1)]! - 1; want >= 0; ) {
      const base = want * row.width;
      if (
        data[base + row.print] === print[0] &&
        data[base + row.print + 1] === print[1] &&
        data[base + row.print + 2] === print[2] &&
        data[base + row.print + 3] === print[3] &&
        data[base + row.keyed] === keyed &&
        windows[want] === window
      ) {
        return want;
      }
      want = data[base + row.next]! - 1;
    }
    return -1;
  }

  /** Adds what `find` does not know; returns its index. */
  push(keyed: number, print: Int32Array, window: number, want: KeyWant): number {
    const index = this.count;
    const base = this.add();
    const slot = print[0]! & (slots - 1);
    this.data[base + row.keyed] = keyed;
    this.data[base + row.next] = this.heads[slot]!;
    this.data.set(print, base + row.print);
    this.heads[slot] = index + 1;
    this.windows.push(window);
    this.list.push(want);
    return index;
  }

  keyedOf(want: number): number {
    return this.data[want * row.width + row.keyed]!;
  }

  /** Puts the want's fingerprint into `print`. */
  printOf(want: number, print: Int32Array): void {
    const base = want * row.width + row.print;
    for (let i = 0; i < FINGERPRINT_WORDS; i++) print[i] = this.data[base + i]!;
  }
}
