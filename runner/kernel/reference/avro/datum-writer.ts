// Writes one stream as Avro datums: the event's own bytes, with what this stream shows changed spliced in.
import type { OutputPlan, StreamPlan } from "../../../plan/plan.ts";
import { MASK_BYTES } from "../../../privacy/masks.ts";
import { EventWriter, type StreamParts } from "../event-writer.ts";
import { row } from "../events.ts";
import { Output, type Viewed } from "../output.ts";
import { entry, mark } from "../tape.ts";
import type { MetaDatum } from "./meta-datum.ts";
import { longInto } from "./varints.ts";

export class DatumWriter extends EventWriter {
  private readonly datum: MetaDatum;
  /** By spot: whether this stream shows the value as it came. */
  private readonly kept: readonly boolean[];
  /** Some value is shown changed. */
  private readonly changes: boolean;
  private readonly masked = new Output(MASK_BYTES);

  /** `drops`: some field of the events stands in no stream. */
  constructor(plan: StreamPlan, output: OutputPlan, parts: StreamParts, datum: MetaDatum, drops: boolean) {
    super(plan, output, parts);
    this.datum = datum;
    this.kept = plan.fields.map(
      ({ value, mask }) => (value === "kept" || value === "plain") && mask === undefined,
    );
    this.changes = drops || this.kept.includes(false);
  }

  write(batch: Viewed, own: Uint8Array, event: Int32Array, base: number): void {
    const { output, kept } = this;
    const { data } = this.parts.tape;
    this.begin();
    const seals = this.plan.sealer >= 0;
    const tapeEnd = event[base + row.tapeEnd]!;
    let from = event[base + row.start]!;
    for (let index = event[base + row.tapeStart]!; index < tapeEnd; index++) {
      const at = index * entry.width;
      const code = data[at + entry.code]!;
      const start = data[at + entry.start]!;
      const end = data[at + entry.end]!;
      const extra = data[at + entry.extra]!;
      if (code >= mark.spots) {
        const spot = code - mark.spots;
        if (kept[spot]!) continue;
        output.splice(batch, from, start + 1 - (extra >> 1));
        this.value(index, spot, event, base + row.links);
        from = end - 1;
      } else if (code === mark.block) {
        if (!this.changes) continue;
        output.splice(batch, from, start);
        longInto(output, extra);
        from = end;
      } else if (code === mark.drop) {
        output.splice(batch, from, start);
        from = end;
      } else if (seals) {
        output.splice(batch, from, start);
        this.meta(code);
        from = end;
      }
    }
    output.splice(batch, from, event[base + row.end]!);
    this.end(own, event, base);
  }

  private value(index: number, spot: number, links: Int32Array, linksAt: number): void {
    const { output, masked } = this;
    const mask = this.masks[spot];
    const form = this.formOf(index, spot, links, linksAt);
    if (mask === undefined) {
      longInto(output, form.end - form.start);
      output.splice(form, form.start, form.end);
      return;
    }
    const length = mask(form.bytes, form.start, form.end, masked.bytes, 0);
    longInto(output, length);
    output.copy(masked.bytes, 0, length);
  }

  private meta(code: number): void {
    const { output, datum } = this;
    if (code >= mark.members) datum.value(output, code - mark.members);
    else if (code === mark.addMembers) datum.missing(output);
    // What is cut is the number of a union's branch.
    else if (code !== mark.cut) datum.whole(output);
  }
}
