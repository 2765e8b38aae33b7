// Reads times that are text, to the same moment whenever and wherever that is done. Luxon is loaded only where a contract has a format.
import type { DateTime } from "luxon";
import type { SourcePlan } from "../plan/plan.ts";
import { ZoneOffsets } from "./zone-offsets.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What begins with no year would be read as a time of today, whenever that is. */
const isoYear = /^(?:[+-]\d{6}|\d{4})/;

/** Seconds or milliseconds since 1970. What is finer than a millisecond is cut off. */
const epoch = {
  x: (text: string) => (/^-?\d{1,16}$/.test(text) ? Number(text) : undefined),
  X: (text: string) => {
    const parts = /^(-?\d{1,13})(?:\.(\d+))?$/.exec(text);
    if (parts === null) return undefined;
    const [, seconds = "", fraction = ""] = parts;
    return Number(seconds + fraction.slice(0, 3).padEnd(3, "0"));
  },
} as const;

/**
 * The reader of a plan's @time texts, epoch milliseconds or undefined; none where its times are numbers. What a clock shows twice, when it is
 * put back, is read as the first of the two; what it never shows, when it is put forward, as if it had not been yet.
 */
export async function loadReadTime(
  plan: SourcePlan,
): Promise<((text: string) => number | undefined) | undefined> {
  const { time } = plan;
  if (time.kind !== "text") return undefined;
  const { format } = time;
  if (format === "x" || format === "X") return epoch[format];
  const { DateTime, FixedOffsetZone, IANAZone } = await import("luxon");
  const zone = time.zone === "UTC" ? FixedOffsetZone.utcInstance : IANAZone.create(time.zone);
  // Stands for the contract's zone: a text without an offset comes out with this very object. That of 0 is one for all.
  const local = FixedOffsetZone.instance(1);
  // Never the locale of the machine: a run has to come to the same windows everywhere.
  const options = { zone: local, setZone: true, locale: "en-US" } as const;
  const parser = DateTime.buildFormatParser(format, { locale: options.locale });
  const read =
    format === "iso"
      ? (text: string) => (isoYear.test(text) ? DateTime.fromISO(text, options) : undefined)
      : (text: string) => DateTime.fromFormatParser(text, parser, options);
  const offsets = new ZoneOffsets(zone);
  return (text) => {
    const found = read(text);
    if (found?.isValid !== true) return undefined;
    if (found.zone === local) return momentOf(found, (timeMs) => offsets.atMs(timeMs));
    return momentOf(found, (timeMs) => found.zone.offset(timeMs) * minuteMs);
  };
}

/** When a clock of the zone first shows what the time shows. */
function momentOf(time: DateTime, offsetMsAt: (timeMs: number) => number): number {
  const shownMs = time.toMillis() + time.offset * minuteMs;
  // Luxon takes the one of two that the offset of today leads to: no two runs of a year would agree.
  const before = offsetMsAt(shownMs - dayMs);
  const first = shownMs - before;
  if (offsetMsAt(first) === before) return first;
  const after = offsetMsAt(shownMs + dayMs);
  const second = shownMs - after;
  return offsetMsAt(second) === after ? second : first;
}
