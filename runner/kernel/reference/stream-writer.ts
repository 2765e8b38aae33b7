// Writes one stream as JSON lines: the event's own bytes, with what this stream shows changed spliced in.
import type { FieldPlan, OutputPlan, StreamPlan } from "../../plan/plan.ts";
import { MASK_BYTES } from "../../privacy/masks.ts";
import { EventWriter, type StreamParts } from "./event-writer.ts";
import { row } from "./events.ts";
import type { Viewed } from "./output.ts";
import { entry, mark } from "./tape.ts";
import { quoteInto } from "./text.ts";

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const metaName = Buffer.from('"strmMeta":');

export class StreamWriter extends EventWriter {
  /** By spot: whether this stream shows the value as it came, and whether so unless it has escapes. */
  private readonly kept: readonly boolean[];
  private readonly plain: readonly boolean[];

  constructor(plan: StreamPlan, output: OutputPlan, parts: StreamParts) {
    super(plan, output, parts);
    const unmasked = (value: FieldPlan["value"]) =>
      plan.fields.map((field) => field.value === value && field.mask === undefined);
    this.kept = unmasked("kept");
    this.plain = unmasked("plain");
  }

  /** As a line. */
  write(batch: Viewed, own: Uint8Array, event: Int32Array, base: number): void {
    const { output, kept, plain } = this;
    const { tape, values, meta } = this.parts;
    this.begin();
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
      else if (!seals || (code >= mark.members && meta.keeps(code - mark.members, start, end))) continue;
      else {
        output.splice(batch, from, start);
        this.writeMeta(code, tape.data[at + entry.extra]!);
      }
      from = end;
    }
    output.splice(batch, from, event[base + row.end]!);
    output.byte(lineFeed);
    this.end(own, event, base);
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

  /** `strmMeta` as a whole, a member of it, or the members that it lacks. */
  private writeMeta(code: number, extra: number): void {
    const { output } = this;
    const { meta } = this.parts;
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
