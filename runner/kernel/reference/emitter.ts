// The second half of the work on a batch: each event to the streams whose gate it passes, and the tally of it all.
import type { SourcePlan, StreamPlan } from "../../plan/plan.ts";
import { createMask, type Mask } from "../../privacy/masks.ts";
import type { EventCode } from "../event-codes.ts";
import type { Batch, BatchResult, KernelSpec, LinkSecret, Rejection } from "../kernel.ts";
import { BatchNonces } from "./batch-nonces.ts";
import { ConsentTally } from "./consent-tally.ts";
import type { EventWriter } from "./event-writer.ts";
import { noLink, row, wanted } from "./events.ts";
import type { LinkCiphers } from "./link-ciphers.ts";
import { MetaText } from "./meta-text.ts";
import type { Reader } from "./reader.ts";
import { withoutText } from "./refusal.ts";
import type { Spares } from "./spares.ts";
import { streamWriters } from "./stream-writers.ts";
import { Subjects } from "./subjects.ts";
import { Values } from "./values.ts";

interface Count {
  in: number;
  out: number;
  withheld: number;
  rejected: number;
}

/** A batch's results while they are gathered. */
interface Draft {
  readonly counts: readonly Count[];
  readonly rejected: Rejection[];
}

export class Emitter {
  private readonly plan: SourcePlan;
  private readonly reader: Reader;
  private readonly links: LinkCiphers;
  private readonly values: Values;
  private readonly meta: MetaText;
  private readonly nonces: BatchNonces;
  private readonly subjects: Subjects;
  /** By stream: one for each format it is written in. */
  private readonly writers: readonly (readonly EventWriter[])[];
  private readonly alive: boolean[];
  private readonly consents = new ConsentTally();

  constructor({ plan, secrets }: KernelSpec, reader: Reader, links: LinkCiphers, spares: Spares) {
    this.plan = plan;
    this.reader = reader;
    this.links = links;
    const { tape } = reader.scanner;
    this.values = new Values(tape, plan.keyed.length, links);
    this.meta = new MetaText(plan.contract, plan.timestampIsTime, links.table, reader.consents);
    this.nonces = new BatchNonces(plan, secrets.nonces);
    this.subjects = new Subjects(plan, links.table, reader.finder);
    const masks = plan.masks.map(({ step, algorithm }): Mask => {
      const seed = secrets.maskSeeds.get(step);
      if (seed === undefined) throw new Error(`The step ${step} has no mask seed.`);
      return createMask(algorithm, seed);
    });
    const { events } = reader;
    const parts = { tape, values: this.values, meta: this.meta, spares, masks, table: links.table, events };
    this.writers = streamWriters(plan, parts);
    this.alive = plan.streams.map(() => false);
  }

  emit(batch: Batch, answers: readonly (LinkSecret | undefined)[]): BatchResult {
    const { plan, reader } = this;
    const { events } = reader;
    this.settleLinks(reader.finder.takeUp(answers));
    this.nonces.begin(batch.origin);
    const draft: Draft = {
      counts: plan.streams.map(() => ({ in: 0, out: 0, withheld: 0, rejected: 0 })),
      rejected: [...events.rejected],
    };
    const source = draft.counts[0]!;
    source.in = source.rejected = events.rejected.length;
    for (let event = 0; event < events.count; event++) {
      try {
        this.event(event, draft);
      } catch (thrown) {
        throw withoutText(thrown);
      }
    }
    this.links.endBatch();
    return {
      outputs: this.writers.flatMap((writers) => writers.map((writer) => writer.take())),
      rejected: draft.rejected,
      tally: plan.streams.map(({ name }, i) => ({ step: name, ...draft.counts[i]! })),
      subjects: this.subjects.take(),
      consents: this.consents.take(),
    };
  }

  /** Overwrites the secrets behind nonces. */
  destroy(): void {
    this.nonces.destroy();
    this.subjects.clear();
  }

  /** Puts rows in the place of wants. */
  private settleLinks(rows: readonly number[]): void {
    const { data, count, width } = this.reader.events;
    if (rows.length === 0) return;
    for (let base = 0; base < count * width; base += width) {
      for (let i = row.links; i < width; i++) {
        const link = data[base + i]!;
        if (link <= wanted) data[base + i] = rows[wanted - link]!;
      }
    }
  }

  private event(event: number, draft: Draft): void {
    const { plan, alive } = this;
    const { events, batch } = this.reader;
    const { data } = events;
    const base = event * events.width;
    const consent = events.consents[event]!;
    this.consents.count(consent);
    this.values.begin(batch, data[base + row.tapeStart]!, data[base + row.tapeEnd]!);
    let metaOf = -1;
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
      if (stream.kind === "encrypt") this.seal(stream, base);
      const problem = stream.opens.length === 0 ? undefined : this.tryToOpen(stream, base);
      if (problem !== undefined) {
        count.rejected++;
        draft.rejected.push(this.rejection(stream.name, problem, base));
        continue;
      }
      alive[i] = true;
      count.out++;
      const writers = this.writers[i]!;
      if (writers.length === 0) continue;
      if (stream.sealer >= 0 && metaOf !== stream.sealer) {
        metaOf = stream.sealer;
        const offset = this.reader.offsetOf(data[base + row.record]!, data[base + row.lineStart]!);
        const nonce = this.nonces.at(metaOf, offset);
        this.meta.turnTo(batch.bytes, nonce, events.times[event]!, data[base + row.links + metaOf]!, consent);
      }
      for (let w = 0; w < writers.length; w++) writers[w]!.write(batch, this.reader.values, data, base);
    }
  }

  private seal({ sealer, seals }: StreamPlan, base: number): void {
    const { data } = this.reader.events;
    const link = data[base + row.links + sealer]!;
    const start = data[base + row.subjectStart]!;
    if (start >= 0) {
      this.subjects.note(sealer, link, this.reader.values, start + 1, data[base + row.subjectEnd]! - 1);
    }
    if (seals.length === 0) return;
    for (let index = data[base + row.tapeStart]!; index < data[base + row.tapeEnd]!; index++) {
      if (seals.includes(this.values.spotOf(index))) this.values.seal(index, sealer, link);
    }
  }

  /** Opens what a step opens; what keeps it from doing so, if anything. */
  private tryToOpen({ opens, fields, sealer }: StreamPlan, base: number): Problem | undefined {
    const { data } = this.reader.events;
    for (let index = data[base + row.tapeStart]!; index < data[base + row.tapeEnd]!; index++) {
      const spot = this.values.spotOf(index);
      if (!opens.includes(spot)) continue;
      const keyed = fields[spot]!.opener ?? -1;
      const link = data[base + row.links + keyed]!;
      if (link === noLink) return unknownKey;
      if (this.values.open(index, keyed, link, sealer >= 0) === undefined) {
        return { code: "event.does-not-open", reason: "The sealed value does not open.", spot };
      }
    }
    return undefined;
  }

  private rejection(step: string, { code, reason, spot }: Problem, base: number): Rejection {
    const { data } = this.reader.events;
    const path = spot === undefined ? "strmMeta.keyLink" : this.plan.spots[spot]!.path;
    return {
      step,
      code,
      reason,
      path,
      ...this.reader.placeOf(
        data[base + row.record]!,
        data[base + row.lineStart]!,
        data[base + row.lineEnd]!,
      ),
    };
  }
}

interface Problem {
  readonly code: EventCode;
  readonly reason: string;
  readonly spot?: number;
}

const unknownKey: Problem = {
  code: "event.key-unknown",
  reason: "The key store does not know the event's key link.",
};
