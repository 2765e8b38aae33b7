// Notes where each event of an output ends, which record it came from, its time and its key link: for sinks that take events one by one.
import type { Frames } from "../kernel.ts";

const firstEvents = 512;
/** A key link is a UUID in text. */
const linkBytes = 36;

export class FrameNotes {
  private ends = new Int32Array(firstEvents);
  private records = new Int32Array(firstEvents);
  private timesMs = new Float64Array(firstEvents);
  private linkEnds = new Int32Array(firstEvents);
  private links = new Uint8Array(firstEvents * linkBytes);
  private count = 0;
  private linkAt = 0;

  /** Adds an event that ends at `end`; its key link is `bytes[linkStart, linkEnd)`, or nothing. */
  add(
    end: number,
    record: number,
    timeMs: number,
    bytes: Uint8Array,
    linkStart: number,
    linkEnd: number,
  ): void {
    const at = this.count++;
    if (at === this.ends.length) this.grow();
    const length = linkEnd - linkStart;
    if (this.linkAt + length > this.links.length) this.growLinks(length);
    for (let i = 0; i < length; i++) this.links[this.linkAt + i] = bytes[linkStart + i]!;
    this.linkAt += length;
    this.ends[at] = end;
    this.records[at] = record;
    this.timesMs[at] = timeMs;
    this.linkEnds[at] = this.linkAt;
  }

  /** What was added since the last time, in arrays of its own. */
  take(): Frames {
    const { count, linkAt } = this;
    this.count = 0;
    this.linkAt = 0;
    return {
      ends: this.ends.slice(0, count),
      records: this.records.slice(0, count),
      timesMs: this.timesMs.slice(0, count),
      linkEnds: this.linkEnds.slice(0, count),
      links: this.links.slice(0, linkAt),
    };
  }

  private grow(): void {
    this.ends = doubled(this.ends);
    this.records = doubled(this.records);
    const times = new Float64Array(this.timesMs.length * 2);
    times.set(this.timesMs);
    this.timesMs = times;
    this.linkEnds = doubled(this.linkEnds);
  }

  private growLinks(more: number): void {
    const grown = new Uint8Array(Math.max(this.links.length * 2, this.linkAt + more));
    grown.set(this.links);
    this.links = grown;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
