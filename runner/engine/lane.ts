// The work on one source: items are read, given to the kernels, and delivered in order; reading goes on while kernels and sinks work.

import type { Carried, Item, OversizePiece } from "../connectors/delivery.ts";
import type { Buffers } from "../formats/buffers.ts";
import type { Batch, BatchResult, StreamOutput } from "../kernel/kernel.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { Gate } from "./gate.ts";
import type { KeyExport } from "./key-export.ts";
import type { Handed, RunLedger } from "./ledger.ts";
import type { Vault } from "./parts.ts";
import type { Quarantine } from "./quarantine.ts";
import { groupRejections, tooLarge, writePiece, writeRejections } from "./rejections.ts";
import { replayedAt } from "./replay/replayed.ts";
import type { Reporter } from "./reporter.ts";
import type { Retries } from "./retry.ts";
import type { OpenedSink, Sinks } from "./sinks.ts";
import type { Tap } from "./tap/tap.ts";
import { Turns } from "./turns.ts";
import type { Answer, KernelPool, Worked } from "./workers/kernel-pool.ts";

/** What the lanes of a run share. */
export interface Hub {
  readonly ledger: RunLedger;
  readonly reporter: Reporter;
  readonly sinks: Sinks;
  readonly quarantine: Quarantine;
  readonly keyExport: KeyExport;
  readonly vault: Vault;
  readonly kernels: KernelPool;
  readonly gate: Gate;
  readonly checkpoints: Checkpointer;
  readonly buffers: Buffers;
  readonly retries: Retries;
  readonly tap: Tap | undefined;
}

export interface Lane {
  /** Names its kernel and its positions. */
  readonly lane: string;
  /** The step that its events come to: the source, or the step that refused what is replayed. */
  readonly step: string;
  /** Present for events that come out of the quarantine: the steps that count them. */
  readonly replayed?: ReadonlySet<string>;
  readonly items: (stop: AbortSignal) => AsyncIterable<Item>;
}

/** An item on its way to the sinks; `worked` is absent where there is nothing for a kernel. */
interface Work {
  readonly item: Item;
  readonly worked?: Promise<Worked>;
}

/**
 * Runs until the source ends or `stop` is aborted. At most two batches more than there are kernels are under way: the slowest sink holds back the
 * source.
 */
export async function runLane(lane: Lane, hub: Hub, stop: AbortSignal): Promise<{ readonly cut: boolean }> {
  const queue = new BoundedQueue<Work>(hub.kernels.width);
  const broken = new AbortController();
  const reading = read(lane, hub, AbortSignal.any([stop, broken.signal]), queue).then(
    () => queue.end(),
    (error) => queue.end({ error }),
  );
  const delivery = new Delivery(lane, hub);
  const { waits } = hub.reporter;
  try {
    for await (const { item, worked } of waits.each(lane.step, queue)) {
      await delivery.take(item, worked && (await waits.during("kernels", () => worked)));
    }
    return { cut: delivery.inLine };
  } catch (error) {
    // A source that waits for events would not notice.
    broken.abort();
    throw error;
  } finally {
    delivery.end();
    await reading;
  }
}

async function read(lane: Lane, hub: Hub, stop: AbortSignal, queue: BoundedQueue<Work>): Promise<void> {
  const turns = new Turns();
  for await (const item of lane.items(stop)) {
    const { content } = item;
    if (content.kind === "piece" || isEmpty(content.batch)) {
      if (!(await queue.push({ item }))) return;
      continue;
    }
    const { answer, done } = turns.next((wants) => answerOf(wants, hub));
    const worked = hub.kernels.run(lane.lane, content.batch, answer).finally(done);
    // It is awaited when its turn comes; until then a failure must not count as one that nobody handles.
    worked.catch(() => {});
    if (!(await queue.push({ item, worked }))) return;
  }
}

/** True where only the position moves. */
function isEmpty({ bytes, records }: Batch): boolean {
  return bytes.length === 0 && (records === undefined || records.ends.length === 0);
}

async function answerOf(wants: Parameters<Answer>[0], hub: Hub): ReturnType<Answer> {
  if (wants.length === 0) return [];
  const links = await hub.reporter.waits.during("keys", () =>
    hub.retries.patiently("keys", () => hub.vault.resolve(wants)),
  );
  for (const made of hub.vault.takeMade()) hub.reporter.send({ type: "keys", ...made });
  await hub.keyExport.write(wants, links);
  return links;
}

/** Brings results to their sinks, item by item. */
class Delivery {
  readonly #lane: Lane;
  readonly #hub: Hub;
  /** Within a line over the bound, no checkpoint is cut: its pieces belong together. */
  #inLine = false;

  constructor(lane: Lane, hub: Hub) {
    this.#lane = lane;
    this.#hub = hub;
  }

  get inLine(): boolean {
    return this.#inLine;
  }

  async take(item: Item, worked: Worked | undefined): Promise<void> {
    const { gate, reporter } = this.#hub;
    const { content } = item;
    if (content.kind === "piece") await this.#piece(item, content.piece);
    else {
      await gate.together(async () => {
        if (worked !== undefined) {
          this.#countReplay(item);
          await this.#batch(worked, content.carried);
        }
        this.#move(item);
      });
    }
    reporter.progress();
  }

  /** Also after a failure. */
  end(): void {
    if (this.#inLine) this.#hub.gate.leave();
    this.#inLine = false;
  }

  async #batch(
    { batch, result: all, workedMs }: Worked,
    carried: readonly Carried[] | undefined,
  ): Promise<void> {
    const { step: own, replayed } = this.#lane;
    const result = replayed === undefined ? all : replayedAt(own, replayed, all);
    const { ledger, reporter, sinks, vault, kernels, buffers, retries, tap } = this.#hub;
    if (result.subjects.length > 0)
      await retries.patiently("keys", () => vault.noteSubjects(result.subjects));
    const refused = [...new Set(result.rejected.map(({ step }) => step))].map((step) => ({
      step,
      rejections: result.rejected.filter((rejection) => rejection.step === step),
      takers: sinks.refusedBy(step),
    }));
    ledger.count({
      tally: result.tally,
      handed: [
        ...handedEvents(result, sinks),
        ...refused.flatMap(({ step, rejections, takers }) => handedRefused(step, rejections.length, takers)),
      ],
      readBytes: batch.bytes.length,
    });
    reporter.worked(workedMs);
    if (replayed === undefined) reporter.consents.add(own, result.consents);
    for (const event of groupRejections(result.rejected, batch.origin)) reporter.send(event);
    tap?.offer(result.outputs);
    const writes = [
      ...writeEvents(result, sinks, batch, carried),
      ...refused.map(({ rejections, takers }) => writeRejections(rejections, batch, takers, vault.seal)),
    ];
    // All of them, also after a failure: the bytes are in use until the last write has ended.
    for (const outcome of await Promise.allSettled(writes)) {
      if (outcome.status === "rejected") throw outcome.reason;
    }
    for (const { bytes } of result.outputs) kernels.recycle(this.#lane.lane, bytes.buffer);
    buffers.give(batch.bytes.buffer);
  }

  /** A line over the bound never stands in memory whole; it is one event, counted with its first piece. */
  async #piece(item: Item, piece: OversizePiece): Promise<void> {
    const { gate, ledger, reporter, sinks, vault, buffers, checkpoints } = this.#hub;
    const first = piece.piece === 1;
    if (first) {
      // A run that is stopped within the line falls back to this one: nothing but the line itself is done anew.
      await checkpoints.request();
      await gate.enter();
      this.#inLine = true;
    }
    const { step } = this.#lane;
    const takers = sinks.refusedBy(step);
    if (first) this.#countReplay(item);
    ledger.count({
      tally: first ? [{ step, in: 1, out: 0, withheld: 0, rejected: 1 }] : [],
      handed: handedRefused(step, first ? 1 : 0, takers),
      readBytes: piece.bytes.length,
    });
    if (first) {
      const { origin } = piece;
      for (const event of groupRejections([tooLarge(step, piece)], origin)) reporter.send(event);
    }
    await writePiece(step, piece, takers, vault.seal);
    buffers.give(piece.bytes.buffer);
    if (!piece.last) return;
    this.#move(item);
    this.end();
  }

  #countReplay({ partition }: Item): void {
    if (this.#lane.replayed === undefined) return;
    this.#hub.ledger.replayed(this.#lane.step, 1);
    this.#hub.quarantine.replayed(partition);
  }

  #move({ partition, position }: Item): void {
    this.#hub.checkpoints.move(this.#lane.lane, partition, position);
  }
}

function handedEvents(result: BatchResult, sinks: Sinks): readonly Handed[] {
  return result.outputs.flatMap((output) =>
    takersOf(output, sinks).map(({ name }) => ({ to: name, from: output.stream, events: output.events })),
  );
}

function handedRefused(step: string, events: number, takers: readonly OpenedSink[]): readonly Handed[] {
  return takers.map(({ name }) => ({ to: name, from: `${step}.rejected`, events }));
}

function writeEvents(
  result: BatchResult,
  sinks: Sinks,
  from: Batch,
  carried: readonly Carried[] | undefined,
): readonly Promise<void>[] {
  return result.outputs
    .filter(({ events }) => events > 0)
    .flatMap((output) => {
      const { bytes, events, frames } = output;
      const detail = frames && { frames, from, ...(carried && { carried }) };
      return takersOf(output, sinks).map((sink) => sink.write(bytes, events, detail));
    });
}

function takersOf({ stream, form }: StreamOutput, sinks: Sinks): readonly OpenedSink[] {
  return sinks.of(stream, "events").filter((sink) => sink.form === form);
}
