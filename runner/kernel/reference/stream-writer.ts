// Writes one stream: the event's own bytes, with what this stream shows changed spliced in.
import type { FieldPlan, OutputPlan, StreamPlan } from "../../plan/plan.ts";
import { KEY_LINK_BYTES, type LinkTable } from "../../privacy/link-table.ts";
import { MASK_BYTES, type Mask } from "../../privacy/masks.ts";
import type { StreamOutput } from "../kernel.ts";
import { row } from "./events.ts";
import { FrameNotes } from "./frames.ts";
import type { MetaText } from "./meta-text.ts";
import { Output, type Viewed } from "./output.ts";
import type { Spares } from "./spares.ts";
import { entry, mark, type Tape } from "./tape.ts";
import { quoteInto } from "./text.ts";
import type { Form, Values } from "./values.ts";

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const metaName = Buffer.from('"strmMeta":');

/** What the writers of a kernel share. */
export interface StreamParts {
  readonly tape: Tape;
  readonly values: Values;
  readonly meta: MetaText;
  readonly spares: Spares;
  readonly masks: readonly Mask[];
  readonly table: LinkTable;
}

export class StreamWriter {
  private readonly plan: StreamPlan;
  private readonly tape: Tape;
  private readonly values: Values;
  private readonly meta: MetaText;
  private readonly spares: Spares;
  private readonly table: LinkTable;
  /** By spot: the mask, if any. */
  private readonly masks: readonly (Mask | undefined)[];
  /** By spot: whether this stream shows the value as it came, and whether so unless it has escapes. */
  private readonly kept: readonly boolean[];
  private readonly plain: readonly boolean[];
  private readonly frames: FrameNotes | undefined;
  private readonly output = new Output(0);
  private events = 0;
  /** Bytes of the last batch's output: the next one will be much the same. */
  private lastBytes = 1 << 16;

  constructor(
    plan: StreamPlan,
    { framed }: OutputPlan,
    { tape, values, meta, spares, masks, table }: StreamParts,
  ) {
    this.plan = plan;
    this.frames = framed ? new FrameNotes() : undefined;
    this.tape = tape;
    this.values = values;
    this.meta = meta;
    this.spares = spares;
    this.table = table;
    this.masks = plan.fields.map(({ mask }) => (mask === undefined ? undefined : masks[mask]));
    const unmasked = (value: FieldPlan["value"]) =>
      plan.fields.map((field) => field.value === value && field.mask === undefined);
    this.kept = unmasked("kept");
    this.plain = unmasked("plain");
  }

  /** Cuts loose what was written since the last time. */
  take(): StreamOutput {
    const { output, events } = this;
    const bytes = output.bytes.subarray(0, output.at);
    if (events > 0) this.lastBytes = output.at;
    // Bytes of their own, however few: what is given out may be moved to another thread.
    output.use(new Uint8Array(0));
    this.events = 0;
    const frames = this.frames?.take();
    return { stream: this.plan.name, format: "json", bytes, events, ...(frames && { frames }) };
  }

  /** Appends an event as a line. `links`: its rows in the link table, from `linksAt` on. */
  write(batch: Viewed, event: Int32Array, base: number): void {
    const { output, kept, plain, tape, values } = this;
    if (output.bytes.length === 0) output.use(this.spares.take(this.lastBytes + (this.lastBytes >> 3)));
    const seals = this.plan.sealer >= 0;
    const tapeEnd = event[base + row.tapeEnd]!;
    let from = event[base + row.start]!;
    for (let index = event[base + row.tapeStart]!; index < tapeEnd; index++) {
      const at = index * entry.width;
      const code = tape.data[at + entry.code]!;
      const start = tape.data[at + entry.start]!;
      const end = tape.data[at + entry.end]!;
      if (code >= mark.spots) {
        const spot = code - mark.spots;
        if (kept[spot]! || (plain[spot]! && !values.isEscaped(index))) continue;
        output.splice(batch, from, start);
        this.value(index, spot, event, base + row.links);
      } else if (code === mark.cut) output.splice(batch, from, start);
      else if (!seals || (code >= mark.members && this.meta.keeps(code - mark.members, start, end))) continue;
      else {
        output.splice(batch, from, start);
        this.writeMeta(code, tape.data[at + entry.extra]!);
      }
      from = end;
    }
    output.splice(batch, from, event[base + row.end]!);
    output.byte(lineFeed);
    this.events++;
    if (this.frames !== undefined) this.frame(this.frames, batch.bytes, event, base);
  }

  private frame(frames: FrameNotes, bytes: Uint8Array, event: Int32Array, base: number): void {
    const { table, output } = this;
    const { sealer } = this.plan;
    const record = event[base + row.record]!;
    if (sealer >= 0) {
      const link = event[base + row.links + sealer]!;
      const start = table.keyLinkAt(link);
      frames.add(output.at, record, table.page(link).bytes, start, start + KEY_LINK_BYTES);
    } else {
      const start = event[base + row.linkStart]!;
      frames.add(output.at, record, bytes, Math.max(start, 0), start < 0 ? 0 : event[base + row.linkEnd]!);
    }
  }

  private value(index: number, spot: number, links: Int32Array, linksAt: number): void {
    const { output } = this;
    const mask = this.masks[spot];
    const { value } = this.plan.fields[spot]!;
    const form = this.formOf(index, spot, links, linksAt);
    if (mask === undefined && (value === "opened" || value === "plain")) {
      quoteInto(output, form.bytes, form.start, form.end);
      return;
    }
    output.byte(quote);
    if (mask === undefined) output.splice(form, form.start, form.end);
    else {
      output.ensure(MASK_BYTES);
      output.at = mask(form.bytes, form.start, form.end, output.bytes, output.at);
    }
    output.byte(quote);
  }

  private formOf(index: number, spot: number, links: Int32Array, linksAt: number): Form {
    const { sealer, fields } = this.plan;
    const { value, opener } = fields[spot]!;
    if (value === "kept" || value === "plain") return this.values.text(index);
    if (value === "sealed") return this.values.seal(index, sealer, links[linksAt + sealer]!);
    const keyed = opener ?? -1;
    const opened = this.values.open(index, keyed, links[linksAt + keyed]!, sealer >= 0);
    if (opened === undefined) throw new Error("A stream was written before its values were opened.");
    return opened;
  }

  /** `strmMeta` as a whole, a member of it, or the members that it lacks. */
  private writeMeta(code: number, extra: number): void {
    const { output, meta } = this;
    if (code >= mark.members) meta.value(output, code - mark.members);
    else if (code === mark.addMembers) meta.missing(output, extra & 0xff, (extra & 0x100) !== 0);
    else {
      if (code === mark.addMeta) {
        if (extra === 1) output.byte(comma);
        output.copy(metaName, 0, metaName.length);
      }
      meta.whole(output);
    }
  }
}
