// The offsets of a zone's clock from UTC, remembered by the day: asking for one costs more than sealing an event.
import type { Zone } from "luxon";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const minuteMs = 60_000;
/** Eleven years; events of more days than that are asked for anew. */
const daysMax = 4096;

export class ZoneOffsets {
  private readonly zone: Zone;
  /** By UTC day: the offset in milliseconds, or undefined where it changes in the course of the day. */
  private readonly days = new Map<number, number | undefined>();

  constructor(zone: Zone) {
    this.zone = zone;
  }

  /** In milliseconds, at a moment in epoch milliseconds. */
  atMs(timeMs: number): number {
    const day = Math.floor(timeMs / dayMs);
    if (!this.days.has(day)) {
      if (this.days.size === daysMax) this.days.clear();
      this.days.set(day, this.ofDay(day));
    }
    return this.days.get(day) ?? this.zone.offset(timeMs) * minuteMs;
  }

  private ofDay(day: number): number | undefined {
    const first = this.zone.offset(day * dayMs);
    for (let hour = 1; hour <= 24; hour++) {
      if (this.zone.offset(day * dayMs + hour * hourMs) !== first) return undefined;
    }
    return first * minuteMs;
  }
}
