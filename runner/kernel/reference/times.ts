// Reads an event's time, from which follows the window of its keys.
import type { TimePlan } from "../../plan/plan.ts";
import { ByteMemo } from "./byte-memo.ts";
import { integerAt } from "./numbers.ts";
import { Refusal } from "./refusal.ts";
import { textOf } from "./text.ts";

/** Epoch milliseconds of a text; undefined where it does not follow the format. */
export type ReadTime = (text: string) => number | undefined;

/** The span of a JavaScript date, either way: beyond it there are no calendar days. */
const dateMsMax = 8.64e15;

export class Times {
  private readonly plan: TimePlan;
  private readonly readText: ReadTime | undefined;
  private readonly known = new ByteMemo<number>(1024);

  /** `readText` is needed where the plan has a format. */
  constructor(plan: TimePlan, readText: ReadTime | undefined) {
    if (plan.kind === "text" && readText === undefined) {
      throw new Error("A contract with a time format needs a way to read it.");
    }
    this.plan = plan;
    this.readText = readText;
  }

  /** Epoch milliseconds of `bytes[start, end)`, or `otherwise` where the event has none (start -1, or null). */
  read(bytes: Uint8Array, start: number, end: number, otherwise: number): number {
    const { plan } = this;
    if (start < 0 || bytes[start] === 0x6e || plan.kind === "reading") return otherwise;
    const timeMs =
      plan.kind === "text"
        ? this.readFormat(bytes, start, end)
        : Math.floor(integerAt(bytes, start, end) / plan.unitsPerMs);
    if (timeMs === undefined) {
      throw new Refusal(
        "event.bad-time",
        "The event's time does not follow the contract's format.",
        plan.path,
      );
    }
    if (Math.abs(timeMs) > dateMsMax) {
      throw new Refusal("event.bad-time", "The event's time lies beyond what a date can be.", plan.path);
    }
    return timeMs;
  }

  private readFormat(bytes: Uint8Array, start: number, end: number): number | undefined {
    const known = this.known.get(bytes, start, end);
    if (known !== undefined) return known;
    const timeMs = this.readText?.(textOf(bytes, start + 1, end - 1));
    return timeMs === undefined ? undefined : this.known.add(bytes, start, end, timeMs);
  }
}
