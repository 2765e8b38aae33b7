// `strm rejected list`: what the quarantine holds, counted by run, step and code.
import type { QuarantineEntry } from "../../../runner/index.ts";
import { type ExitCode, exitCodes } from "../../exit.ts";
import { table } from "../../output/table.ts";
import { count, counted, moment, printable } from "../../output/units.ts";
import { styleOf } from "../../terminal.ts";
import { eachRejected, type RejectedFilter } from "./filter.ts";

export interface ListOptions extends RejectedFilter {
  readonly json?: boolean;
}

/** Names as in the JSON output. */
interface Group {
  readonly run: string;
  readonly step: string;
  readonly code: string;
  readonly events: number;
  /** Those that were not replayed. */
  readonly waiting: number;
  /** When the run last wrote to its quarantine. */
  readonly last: string;
}

export async function list(file: string, options: ListOptions): Promise<ExitCode> {
  const groups = new Map<string, Group>();
  await eachRejected(file, options, (entry) => {
    // The other pieces of a line over the bound are no events of their own.
    if ((entry.piece ?? 1) === 1) add(groups, entry);
    return true;
  });
  const all = [...groups.values()];
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ rejected: all }, null, 2)}\n` : inWords(file, all),
  );
  return exitCodes.ok;
}

function add(groups: Map<string, Group>, { run, step, code, replayed, written }: QuarantineEntry): void {
  const key = [run, step, code].join("\n");
  const { events, waiting } = groups.get(key) ?? { events: 0, waiting: 0 };
  groups.set(key, {
    run,
    step,
    code,
    events: events + 1,
    waiting: waiting + (replayed ? 0 : 1),
    last: written,
  });
}

function inWords(file: string, groups: readonly Group[]): string {
  if (groups.length === 0) return "The quarantine holds no such events.\n";
  const rows = groups.map(({ run, step, code, events, waiting, last }) => [
    run,
    printable(step),
    printable(code),
    count(events),
    count(waiting),
    moment(Date.parse(last)),
  ]);
  const head = ["run", "stream", "code", "events", "waiting", "last at"];
  const columns = head.map((name) => ({
    align: name === "events" || name === "waiting" ? ("right" as const) : ("left" as const),
  }));
  const waiting = groups.reduce((sum, group) => sum + group.waiting, 0);
  const next =
    waiting === 0
      ? "All of them were replayed."
      : [
          `${counted(waiting, "event")} ${waiting === 1 ? "waits" : "wait"} to be replayed.`,
          `  strm explain CODE says what a code means, strm rejected show ${file} where they came from.`,
          `  When the cause is put right: strm rejected replay ${file}`,
        ].join("\n");
  return `${table(head, rows, columns, styleOf(process.stdout).dim).join("\n")}\n\n${next}\n`;
}
