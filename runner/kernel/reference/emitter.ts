// The second half of the work on a batch: each event to the streams whose gate it passes, and the tally of it all.
import type { SourcePlan, StreamPlan } from "../../plan/plan.ts";
import { metaMembers } from "../../plan/shape.ts";
import type { LinkKeys } from "../../privacy/link-keys.ts";
import { createNonces } from "../../privacy/nonce.ts";
import type { KernelDeps } from "../deps.ts";
import type { EventCode } from "../event-codes.ts";
import type { Batch, BatchResult, Rejection } from "../kernel.ts";
import type { Consent } from "./consents.ts";
import { row } from "./events.ts";
import type { LinkSlot, LinkSlots } from "./link-slots.ts";
import type { Reader } from "./reader.ts";
import { withoutText } from "./refusal.ts";
import { type Meta, StreamWriter, type Written } from "./stream-writer.ts";
import { asciiJson, textOf } from "./text.ts";
import { Values } from "./values.ts";

interface Count {
  in: number;
  out: number;
  withheld: number;
  rejected: number;
}

type Used = BatchResult["used"][number];
type Subject = BatchResult["subjects"][number];

/** A batch's results while they are gathered. */
interface Draft {
  readonly batch: Batch;
  readonly number: number;
  readonly counts: readonly Count[];
  readonly rejected: Rejection[];
  readonly used: Used[];
  readonly subjects: Subject[];
  /** The subjects by step and link. */
  readonly pairs: Set<string>;
  /** By the plan's `keyed`: for an encrypt step, the nonce of an offset. */
  readonly nonces: readonly ((offsetBytes: number) => number)[];
}

const nonceMember = metaMembers.indexOf("nonce");
const timestampMember = metaMembers.indexOf("timestamp");
const linkMember = metaMembers.indexOf("keyLink");
const consentMember = metaMembers.indexOf("consentLevels");

export class Emitter {
  private readonly plan: SourcePlan;
  private readonly deps: KernelDeps;
  private readonly reader: Reader;
  private readonly slots: LinkSlots;
  private readonly values: Values;
  private readonly writers: readonly StreamWriter[];
  private readonly alive: boolean[];
  private readonly contractJson: string;
  private batches = 0;

  constructor(plan: SourcePlan, deps: KernelDeps, reader: Reader, slots: LinkSlots) {
    this.plan = plan;
    this.deps = deps;
    this.reader = reader;
    this.slots = slots;
    this.values = new Values(reader.scanner.tape, plan.keyed.length);
    this.writers = plan.streams.map(
      (stream) => new StreamWriter(stream, reader.scanner.tape, this.values, deps.mask),
    );
    this.contractJson = asciiJson(plan.contract);
    this.alive = plan.streams.map(() => false);
  }

  emit(batch: Batch, bytes: Uint8Array, answers: readonly (LinkKeys | undefined)[]): BatchResult {
    const { plan, reader, writers } = this;
    const { events } = reader;
    const draft: Draft = {
      batch,
      number: this.batches++,
      counts: plan.streams.map(() => ({ in: 0, out: 0, withheld: 0, rejected: 0 })),
      rejected: [...events.rejected],
      used: [],
      subjects: [],
      pairs: new Set(),
      nonces: plan.keyed.map(({ kind, step }) =>
        kind === "value" ? createNonces(this.deps.nonceSecret(step), plan.contract, batch.origin) : () => 0,
      ),
    };
    const source = draft.counts[0]!;
    source.in = source.rejected = events.rejected.length;
    for (const writer of writers) writer.begin();
    for (let event = 0; event < events.count; event++) {
      try {
        this.event(event, bytes, answers, draft);
      } catch (thrown) {
        throw withoutText(thrown);
      }
    }
    return {
      outputs: plan.streams.flatMap(({ name, written }, i) => {
        const { output, events: count } = writers[i]!;
        return written ? [{ stream: name, bytes: output.bytes.subarray(0, output.at), events: count }] : [];
      }),
      rejected: draft.rejected,
      tally: plan.streams.map(({ name }, i) => ({ step: name, ...draft.counts[i]! })),
      used: draft.used,
      subjects: draft.subjects,
    };
  }

  private event(
    event: number,
    bytes: Uint8Array,
    answers: readonly (LinkKeys | undefined)[],
    draft: Draft,
  ): void {
    const { plan, alive, values } = this;
    const { events } = this.reader;
    const base = event * row.width;
    const consent = events.consents[event]!;
    const written: Written = {
      bytes,
      start: events.data[base + row.start]!,
      end: events.data[base + row.end]!,
      tapeStart: events.data[base + row.tapeStart]!,
      tapeEnd: events.data[base + row.tapeEnd]!,
      links: plan.keyed.map((_, i) => this.linkOf(event * plan.keyed.length + i, answers)),
    };
    values.begin(bytes, written.tapeStart, written.tapeEnd);
    let metaOf = -1;
    let meta = noMeta;
    for (let i = 0; i < plan.streams.length; i++) {
      const stream = plan.streams[i]!;
      const count = draft.counts[i]!;
      alive[i] = false;
      if (stream.from >= 0 && !alive[stream.from]!) continue;
      count.in++;
      if (!consent.passes[i]!) {
        count.withheld++;
        continue;
      }
      if (stream.kind === "encrypt") this.note(stream, written.links[stream.sealer], base, bytes, draft);
      const problem = stream.opens.length === 0 ? undefined : this.tryToOpen(i, written);
      if (problem !== undefined) {
        count.rejected++;
        draft.rejected.push(this.rejection(stream.name, problem, base, draft.batch));
        continue;
      }
      alive[i] = true;
      count.out++;
      if (!stream.written) continue;
      if (stream.sealer >= 0 && metaOf !== stream.sealer) {
        metaOf = stream.sealer;
        meta = this.metaOf(event, written, stream.sealer, consent, draft);
      }
      this.writers[i]!.write(written, meta);
    }
  }

  private linkOf(index: number, answers: readonly (LinkKeys | undefined)[]): LinkSlot | undefined {
    const link = this.reader.events.links[index];
    if (typeof link !== "number") return link;
    const keys = answers[link];
    return keys === undefined ? undefined : this.slots.of(keys);
  }

  private note(
    { name: step, sealer }: StreamPlan,
    link: LinkSlot | undefined,
    base: number,
    bytes: Uint8Array,
    draft: Draft,
  ): void {
    // A store makes what it lacks: there is no event without a link.
    if (link === undefined) throw new Error("The key store gave no keys for an event.");
    if (link.use(sealer, draft.number)) draft.used.push({ step, keys: link.keys });
    const { data } = this.reader.events;
    const start = data[base + row.subjectStart]!;
    if (start < 0) return;
    const value = textOf(bytes, start + 1, data[base + row.subjectEnd]! - 1);
    const pair = `${sealer} ${link.keys.keyLink} ${value}`;
    if (draft.pairs.has(pair)) return;
    draft.pairs.add(pair);
    draft.subjects.push({ step, value, keys: link.keys });
  }

  /** Opens what a step opens; what keeps it from doing so, if anything. */
  private tryToOpen(stream: number, written: Written): Problem | undefined {
    const { opens, fields } = this.plan.streams[stream]!;
    for (let index = written.tapeStart; index < written.tapeEnd; index++) {
      const spot = this.values.spotOf(index);
      if (!opens.includes(spot)) continue;
      const keyed = fields[spot]!.opener ?? -1;
      const link = written.links[keyed];
      if (link === undefined)
        return { code: "event.key-unknown", reason: "The key store does not know the event's key link." };
      if (this.values.open(index, keyed, link) === undefined) {
        return { code: "event.does-not-open", reason: "The sealed value does not open.", spot };
      }
    }
    return undefined;
  }

  private rejection(step: string, { code, reason, spot }: Problem, base: number, batch: Batch): Rejection {
    const { data } = this.reader.events;
    const start = data[base + row.lineStart]!;
    const path = spot === undefined ? "strmMeta.keyLink" : this.plan.spots[spot]!.path;
    return {
      step,
      code,
      reason,
      path,
      line: data[base + row.line]!,
      offsetBytes: batch.offsetBytes + start,
      start,
      end: data[base + row.lineEnd]!,
    };
  }

  private metaOf(event: number, written: Written, sealer: number, consent: Consent, draft: Draft): Meta {
    const { plan, reader } = this;
    const json = [this.contractJson, "", "", "", ""];
    const offset = draft.batch.offsetBytes + reader.events.data[event * row.width + row.lineStart]!;
    json[nonceMember] = String(draft.nonces[sealer]!(offset));
    json[timestampMember] = String(reader.events.times[event]!);
    json[linkMember] = written.links[sealer]!.json;
    json[consentMember] = consent.json;
    return {
      json,
      keepsTimestamp: plan.timestampIsTime,
      isConsent: (start, end) => reader.consents.listAt(written.bytes, start, end) === consent.json,
    };
  }
}

interface Problem {
  readonly code: EventCode;
  readonly reason: string;
  readonly spot?: number;
}

const noMeta: Meta = { json: [], keepsTimestamp: false, isConsent: () => false };
