// The pairs of data subject and key link of a batch. What was handed out before is not handed out again, as far as it is remembered.
import type { SourcePlan } from "../../plan/plan.ts";
import { FingerprintSet } from "../../privacy/fingerprint-set.ts";
import type { LinkTable } from "../../privacy/link-table.ts";
import type { SubjectPair } from "../kernel.ts";
import type { LinkFinder } from "./link-finder.ts";
import { textOf } from "./text.ts";

/** 21 bytes each. */
const SLOTS = 1 << 14;

export class Subjects {
  private readonly plan: SourcePlan;
  private readonly table: LinkTable;
  private readonly finder: LinkFinder;
  private readonly handed = new FingerprintSet(SLOTS);
  private pairs: SubjectPair[] = [];

  constructor(plan: SourcePlan, table: LinkTable, finder: LinkFinder) {
    this.plan = plan;
    this.table = table;
    this.finder = finder;
  }

  /** Notes that the link in `row` holds data of the subject, the inside of the string `bytes[start, end)`. */
  note(sealer: number, row: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.handed.add(this.finder.printOf(bytes, start, end), this.table.serial(row))) return;
    const { step } = this.plan.keyed[sealer]!;
    this.pairs.push({ step, value: textOf(bytes, start, end), keyLink: this.table.keyLink(row) });
  }

  /** What was noted since the last time. */
  take(): readonly SubjectPair[] {
    const { pairs } = this;
    this.pairs = [];
    return pairs;
  }

  clear(): void {
    this.handed.clear();
    this.pairs = [];
  }
}
