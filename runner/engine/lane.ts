// The work on one source: read, scan, resolve keys, emit, write to every sink; one batch at a time.
import type { Source } from "../connectors/connector.ts";
import type { OversizePiece } from "../formats/lines.ts";
import type { Batch, BatchResult, Kernel } from "../kernel/kernel.ts";
import type { KeyExport } from "./key-export.ts";
import { type Handed, QUARANTINE, type RunLedger } from "./ledger.ts";
import type { Frame, Vault } from "./parts.ts";
import type { Quarantine } from "./quarantine.ts";
import { groupRejections, type RecordTaker, tooLarge, writePiece, writeRejections } from "./rejections.ts";
import type { Reporter } from "./reporter.ts";
import type { Sinks } from "./sinks.ts";

/** What the lanes of a run share. */
export interface Hub {
  readonly ledger: RunLedger;
  readonly reporter: Reporter;
  readonly sinks: Sinks;
  readonly quarantine: Quarantine;
  readonly keyExport: KeyExport;
  readonly vault: Vault;
}

export interface Lane {
  /** The source step's name. */
  readonly step: string;
  readonly source: Source;
  readonly kernel: Kernel;
  readonly maxEventBytes: number;
}

/**
 * Runs until the source ends or `stop` is aborted. Nothing is queued: a batch's results are with every sink before the next is
 * scanned, so that the slowest sink holds back the source. The source reads ahead meanwhile.
 */
export async function runLane(lane: Lane, hub: Hub, frame: Frame, stop: AbortSignal): Promise<void> {
  for await (const item of frame(lane.source.chunks(stop), lane.maxEventBytes)) {
    if ("piece" in item) await refusePiece(lane.step, item, hub);
    else await runBatch(lane.kernel, item, hub);
    hub.reporter.progress();
  }
}

async function runBatch(kernel: Kernel, batch: Batch, hub: Hub): Promise<void> {
  const scan = kernel.scan(batch);
  const keys = scan.wants.length === 0 ? [] : await hub.vault.resolve(scan.wants);
  const result = scan.emit(keys);
  if (result.subjects.length > 0) await hub.vault.noteSubjects(result.subjects);
  reportKeys(hub);
  const refused = refusedBySteps(result, hub);
  hub.ledger.count({
    tally: result.tally,
    handed: [...handedEvents(result, hub), ...refused.flatMap((each) => each.handed)],
    readBytes: batch.bytes.length,
  });
  for (const event of groupRejections(result.rejected, batch.origin)) hub.reporter.send(event);
  const writes = [
    ...writeEvents(result, hub),
    ...refused.map((each) => writeRejections(each.rejections, batch, each.takers, hub.vault.seal)),
    hub.keyExport.write(result.used),
  ];
  // All of them, also after a failure: the batch's bytes are in use until the last write has ended.
  for (const outcome of await Promise.allSettled(writes)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

function reportKeys(hub: Hub): void {
  for (const { step, created } of hub.vault.takeCreated()) hub.reporter.send({ type: "keys", step, created });
}

function handedEvents(result: BatchResult, hub: Hub): readonly Handed[] {
  return result.outputs.flatMap(({ stream, events }) =>
    hub.sinks.of(stream, "events").map((sink) => ({ to: sink.step.name, from: stream, events })),
  );
}

function writeEvents(result: BatchResult, hub: Hub): readonly Promise<void>[] {
  return result.outputs
    .filter(({ events }) => events > 0)
    .flatMap(({ stream, bytes, events }) =>
      hub.sinks.of(stream, "events").map((sink) => sink.write(bytes, events)),
    );
}

interface Refused {
  readonly rejections: BatchResult["rejected"];
  readonly takers: readonly RecordTaker[];
  readonly handed: readonly Handed[];
}

function refusedBySteps(result: BatchResult, hub: Hub): readonly Refused[] {
  const steps = [...new Set(result.rejected.map(({ step }) => step))];
  return steps.map((step) => {
    const rejections = result.rejected.filter((rejection) => rejection.step === step);
    return { rejections, ...takersOf(step, rejections.length, hub) };
  });
}

function takersOf(step: string, events: number, hub: Hub): Omit<Refused, "rejections"> {
  const sinks = hub.sinks.of(step, "rejected");
  const from = `${step}.rejected`;
  if (sinks.length === 0) return { takers: [hub.quarantine], handed: [{ to: QUARANTINE, from, events }] };
  return { takers: sinks, handed: sinks.map((sink) => ({ to: sink.step.name, from, events })) };
}

/** A line over the bound never stands in memory whole; it is one event, counted with its first piece. */
async function refusePiece(step: string, piece: OversizePiece, hub: Hub): Promise<void> {
  const first = piece.piece === 1;
  const { takers, handed } = takersOf(step, first ? 1 : 0, hub);
  hub.ledger.count({
    tally: first ? [{ step, in: 1, out: 0, withheld: 0, rejected: 1 }] : [],
    handed,
    readBytes: piece.bytes.length,
  });
  const { origin, line, offsetBytes } = piece;
  if (first) {
    for (const event of groupRejections([{ ...tooLarge, step, line, offsetBytes }], origin)) {
      hub.reporter.send(event);
    }
  }
  await writePiece(step, piece, takers, hub.vault.seal);
}
