// What all writers of a stream share: where events are appended, how many they are, and what is noted of each.
import type { EventFormat, OutputPlan, StreamPlan } from "../../plan/plan.ts";
import { KEY_LINK_BYTES, type LinkTable } from "../../privacy/link-table.ts";
import type { Mask } from "../../privacy/masks.ts";
import type { StreamOutput } from "../kernel.ts";
import { type Events, row } from "./events.ts";
import { FrameNotes } from "./frames.ts";
import type { MetaText } from "./meta-text.ts";
import { Output, type Viewed } from "./output.ts";
import type { Spares } from "./spares.ts";
import type { Tape } from "./tape.ts";
import type { Form, Values } from "./values.ts";

/** What the writers of a kernel share. */
export interface StreamParts {
  readonly tape: Tape;
  readonly values: Values;
  readonly meta: MetaText;
  readonly spares: Spares;
  readonly masks: readonly Mask[];
  readonly table: LinkTable;
  readonly events: Events;
}

export abstract class EventWriter {
  readonly output = new Output(0);
  /** Where the event that was written last starts. */
  lastStart = 0;
  protected readonly plan: StreamPlan;
  protected readonly parts: StreamParts;
  /** By spot: the mask, if any. */
  protected readonly masks: readonly (Mask | undefined)[];
  private readonly format: EventFormat;
  private readonly form: string;
  private readonly frames: FrameNotes | undefined;
  private events = 0;
  /** Bytes of the last batch's output: the next one will be much the same. */
  private lastBytes = 1 << 16;

  constructor(plan: StreamPlan, { format, form, framed }: OutputPlan, parts: StreamParts) {
    this.plan = plan;
    this.format = format;
    this.form = form;
    this.parts = parts;
    this.frames = framed ? new FrameNotes() : undefined;
    this.masks = plan.fields.map(({ mask }) => (mask === undefined ? undefined : parts.masks[mask]));
  }

  /** Appends an event. `values`: what its single values, such as its key link, stand in. */
  abstract write(batch: Viewed, values: Uint8Array, event: Int32Array, base: number): void;

  /** Cuts loose what was written since the last time. */
  take(): StreamOutput {
    const { output, events } = this;
    const bytes = output.bytes.subarray(0, output.at);
    if (events > 0) this.lastBytes = output.at;
    // Bytes of their own, however few: what is given out may be moved to another thread.
    output.use(new Uint8Array(0));
    this.events = 0;
    const frames = this.frames?.take();
    const { format, form } = this;
    return { stream: this.plan.name, format, form, bytes, events, ...(frames && { frames }) };
  }

  /** Takes the event that was written last back. */
  takeBack(): void {
    this.output.at = this.lastStart;
    this.events--;
  }

  protected begin(): void {
    const { output } = this;
    if (output.bytes.length === 0) output.use(this.parts.spares.take(this.lastBytes + (this.lastBytes >> 3)));
    this.lastStart = output.at;
  }

  protected end(values: Uint8Array, event: Int32Array, base: number): void {
    this.events++;
    if (this.frames !== undefined) this.frame(this.frames, values, event, base);
  }

  /** The form in which a spot's value stands in this stream, before its mask. */
  protected formOf(index: number, spot: number, links: Int32Array, linksAt: number): Form {
    const { values } = this.parts;
    const { sealer, fields } = this.plan;
    const { value, opener } = fields[spot]!;
    if (value === "kept" || value === "plain") return values.text(index);
    if (value === "sealed") return values.seal(index, sealer, links[linksAt + sealer]!);
    const keyed = opener ?? -1;
    const opened = values.open(index, keyed, links[linksAt + keyed]!, sealer >= 0);
    if (opened === undefined) throw new Error("A stream was written before its values were opened.");
    return opened;
  }

  private frame(frames: FrameNotes, values: Uint8Array, event: Int32Array, base: number): void {
    const { output, parts } = this;
    const { sealer } = this.plan;
    const record = event[base + row.record]!;
    const timeMs = parts.events.times[base / parts.events.width]!;
    if (sealer >= 0) {
      const link = event[base + row.links + sealer]!;
      const start = parts.table.keyLinkAt(link);
      frames.add(output.at, record, timeMs, parts.table.page(link).bytes, start, start + KEY_LINK_BYTES);
    } else {
      const start = event[base + row.linkStart]!;
      frames.add(
        output.at,
        record,
        timeMs,
        values,
        Math.max(start, 0),
        start < 0 ? 0 : event[base + row.linkEnd]!,
      );
    }
  }
}
