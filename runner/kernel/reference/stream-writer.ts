// Writes one stream: the event's own bytes, with what this stream shows changed spliced in.
import type { StreamPlan } from "../../plan/plan.ts";
import { metaMembers } from "../../plan/shape.ts";
import type { Mask } from "../../privacy/masks.ts";
import type { LinkSlot } from "./link-slots.ts";
import { Output } from "./output.ts";
import { entry, mark, type Tape } from "./tape.ts";
import { quoteInto } from "./text.ts";
import type { Form, Values } from "./values.ts";

/** The most bytes that a mask writes. */
const maskBytesMax = 32;
const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;

/** `strmMeta` of one sealed event: its members as JSON, and which of them may stand as they are. */
export interface Meta {
  /** By index in `metaMembers`. */
  readonly json: string[];
  /** True where the event's own timestamp is the event time. */
  keepsTimestamp: boolean;
  /** True where the list of levels at this span is E already. */
  isConsent(start: number, end: number): boolean;
}

/** What an event looks like to the streams that write it. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly tapeStart: number;
  readonly tapeEnd: number;
  /** By the plan's `keyed`. */
  readonly links: readonly (LinkSlot | undefined)[];
}

export class StreamWriter {
  readonly output = new Output();
  events = 0;
  private readonly plan: StreamPlan;
  private readonly tape: Tape;
  private readonly values: Values;
  /** By spot: whether this stream shows the value as it stands in the event. */
  private readonly kept: readonly boolean[];
  private readonly masks: readonly (Mask | undefined)[];

  constructor(plan: StreamPlan, tape: Tape, values: Values, mask: (step: string) => Mask) {
    this.plan = plan;
    this.tape = tape;
    this.values = values;
    this.kept = plan.fields.map((field) => field.value === "kept" && field.mask === undefined);
    this.masks = plan.fields.map((field) => (field.mask === undefined ? undefined : mask(field.mask)));
  }

  begin(): void {
    this.output.at = 0;
    this.events = 0;
  }

  /** Appends the event as a line. `meta` is used by streams that are sealed, or stem from one. */
  write(event: Written, meta: Meta): void {
    const { output, kept, tape } = this;
    const { bytes } = event;
    const seals = this.plan.sealer >= 0;
    let from = event.start;
    for (let index = event.tapeStart; index < event.tapeEnd; index++) {
      const base = index * entry.width;
      const code = tape.data[base + entry.code]!;
      if (code >= mark.spots ? kept[code - mark.spots]! : code !== mark.cut && !seals) continue;
      const start = tape.data[base + entry.start]!;
      const end = tape.data[base + entry.end]!;
      if (code >= mark.members && code < mark.spots && keeps(code - mark.members, start, end, bytes, meta))
        continue;
      output.copy(bytes, from, start);
      from = end;
      if (code >= mark.spots) this.value(index, code - mark.spots, event.links);
      else if (code >= mark.members) output.ascii(meta.json[code - mark.members]!);
      else this.meta(code, tape.data[base + entry.extra]!, meta);
    }
    output.copy(bytes, from, event.end);
    output.byte(lineFeed);
    this.events++;
  }

  private value(index: number, spot: number, links: Written["links"]): void {
    const { output } = this;
    const mask = this.masks[spot];
    const { value } = this.plan.fields[spot]!;
    const form = this.formOf(index, spot, links);
    if (mask === undefined && value === "opened") {
      quoteInto(output, form.bytes, form.start, form.end);
      return;
    }
    output.byte(quote);
    if (mask === undefined) output.copy(form.bytes, form.start, form.end);
    else {
      output.ensure(maskBytesMax);
      output.at = mask(form.bytes, form.start, form.end, output.bytes, output.at);
    }
    output.byte(quote);
  }

  private formOf(index: number, spot: number, links: Written["links"]): Form {
    const { value, opener } = this.plan.fields[spot]!;
    if (value === "kept") return this.values.text(index);
    const keyed = value === "sealed" ? this.plan.sealer : (opener ?? -1);
    const link = links[keyed]!;
    if (value === "sealed") return this.values.seal(index, keyed, link);
    const opened = this.values.open(index, keyed, link);
    if (opened === undefined) throw new Error("A stream was written before its values were opened.");
    return opened;
  }

  /** `strmMeta` as a whole, or the members that it lacks. */
  private meta(code: number, extra: number, meta: Meta): void {
    const { output } = this;
    if (code === mark.cut) return;
    const whole = code !== mark.addMembers;
    const present = whole ? 0 : extra & 0xff;
    let first = whole || (extra & 0x100) === 0;
    if (code === mark.addMeta) {
      if (extra === 1) output.byte(comma);
      output.ascii('"strmMeta":');
    }
    if (whole) output.ascii("{");
    for (let i = 0; i < metaMembers.length; i++) {
      if ((present & (1 << i)) !== 0) continue;
      if (!first) output.byte(comma);
      first = false;
      output.ascii(`"${metaMembers[i]}":`);
      output.ascii(meta.json[i]!);
    }
    if (whole) output.ascii("}");
  }
}

const timestampMember = metaMembers.indexOf("timestamp");
const consentMember = metaMembers.indexOf("consentLevels");

/** True where a member of `strmMeta` says already what sealing would write. */
function keeps(member: number, start: number, end: number, bytes: Uint8Array, meta: Meta): boolean {
  if (member === timestampMember) return meta.keepsTimestamp && bytes[start] !== 0x6e;
  return member === consentMember && meta.isConsent(start, end);
}
