// Reads what the quarantine of a pipeline holds, while nobody or somebody runs it: everything but the events, which stay sealed.
import type { JobState } from "../job/job-state.ts";
import { quarantineFiles } from "./quarantine-files.ts";
import { offsetOf } from "./quarantine-source.ts";
import { readRecords } from "./records.ts";
import { replayLane } from "./replay-lanes.ts";

/** A refused event, or a piece of one that is over `max_event`; names as in the file and in JSON output. */
export interface QuarantineEntry {
  /** The run that began the file. */
  readonly run: string;
  /** From 1: the record's line in the file. */
  readonly number: number;
  readonly step: string;
  readonly code: string;
  readonly reason: string;
  /** A line by its number and where it starts, a record by its offset. */
  readonly position:
    | { readonly origin: string; readonly line: number; readonly offset_bytes: number }
    | { readonly origin: string; readonly offset: number };
  /** The contract's field it is about, if any. */
  readonly path: string | undefined;
  /** From 1, for a piece: only the first one counts as an event. */
  readonly piece: number | undefined;
  readonly replayed: boolean;
  /** When the file was last written. */
  readonly written: string;
  /** A compact JWE under the master key. */
  readonly sealed: string;
}

/** Runs in order, and each one's records in order, as far as a checkpoint holds them. Throws `run.state-folder`. */
export async function* readQuarantine(
  state: JobState,
  firstRun: string,
): AsyncGenerator<QuarantineEntry, void, void> {
  const positions = state.positions();
  for (const { run, path, sizeBytes, writtenMs } of await quarantineFiles(state, firstRun)) {
    const replayedTo = new Map(
      positions
        .filter(({ partition }) => partition === `${run}.jsonl`)
        .map(({ source, position }) => [source, offsetOf(position)]),
    );
    const written = new Date(writtenMs).toISOString();
    for await (const record of readRecords(path, sizeBytes)) {
      const { code, reason, step, origin, line, offsetBytes, offset } = record;
      const { piece, number, event, endOffsetBytes } = record;
      yield {
        run,
        number,
        step,
        code,
        reason,
        position: offset === undefined ? { origin, line, offset_bytes: offsetBytes } : { origin, offset },
        path: record.path,
        piece,
        replayed: endOffsetBytes <= (replayedTo.get(replayLane(step)) ?? 0),
        written,
        sealed: event,
      };
    }
  }
}

/** True for what counts as an event of its own. */
export function isEvent({ piece }: Pick<QuarantineEntry, "piece">): boolean {
  return piece === undefined || piece === 1;
}
