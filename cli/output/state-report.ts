// What a state folder holds, in words: a section for each job, and its keys.
import type { JobReport, KeysReport, StateReport } from "../../runner/index.ts";
import type { Style } from "../terminal.ts";
import { fromHere, sinkTable, streamTable } from "./ledger-table.ts";
import { table } from "./table.ts";
import { count, counted, moment, printable } from "./units.ts";

/** A source may have thousands of partitions; `--json` has them all. */
const mostPartitions = 10;

export function stateReport({ folder, jobs, keys }: StateReport, style: Style): string[] {
  const sections = [
    ...jobs.map((job) => jobSection(job, style)),
    ...keys.map((store) => keysSection(store, style)),
  ];
  if (jobs.length === 0)
    sections.unshift([`No such pipeline has run on the state folder ${shown(folder)} yet.`]);
  return sections.flatMap((section, i) => (i === 0 ? section : ["", ...section]));
}

function jobSection(job: JobReport, style: Style): string[] {
  const body = [
    [checkpointLine(job)],
    positionLines(job, style),
    job.ledger === null ? [] : streamTable(job, job.ledger, style),
    job.ledger === null ? [] : sinkTable({ written: [], offsets: [] }, job.ledger, style),
    quarantineLines(job, style),
  ].filter((part) => part.length > 0);
  const lines = body.flatMap((part, i) => (i === 0 ? part : ["", ...part]));
  return [`${style.strong(printable(job.pipeline))}  ${statusOf(job, style)}`, ...lines.map(indented)];
}

function statusOf({ status, running }: JobReport, style: Style): string {
  switch (status) {
    case "running":
      return style.good(`running${runnerOf(running)}`);
    case "completed":
      return `${style.good("done")}; the next run starts over`;
    case "stopped":
      return `${style.warn("stopped")}; the next run goes on`;
    case "failed":
      return `${style.bad("failed")}; the next run goes on`;
    case "killed":
      return `${style.bad("killed")} without a word; the next run goes on`;
  }
}

function runnerOf(running: JobReport["running"]): string {
  if (running?.pid === undefined) return "";
  const { pid, host, since } = running;
  const time = since === undefined ? "" : `, since ${moment(Date.parse(since))}`;
  return ` as process ${pid}${host === undefined ? "" : ` on ${printable(host)}`}${time}`;
}

function checkpointLine({ checkpoint, run, first_run }: JobReport): string {
  const made =
    checkpoint === null
      ? "no checkpoint yet"
      : `checkpoint ${count(checkpoint.number)}, made at ${moment(Date.parse(checkpoint.made))}`;
  const begun = first_run === run ? "" : `, which goes on with ${first_run}`;
  return `${made}; run ${run}${begun}`;
}

function positionLines({ positions }: JobReport, style: Style): string[] {
  if (positions.length === 0) return [];
  const seen = new Map<string, number>();
  const rows = positions.flatMap(({ source, partition, position }) => {
    const place = (seen.get(source) ?? 0) + 1;
    seen.set(source, place);
    if (place > mostPartitions) return [];
    const numbers = Object.entries(position).map(([name, value]) => `${name} ${count(value)}`);
    return [[printable(source), shown(partition), numbers.join(", ")]];
  });
  const rest = positions.length - rows.length;
  return [
    ...table(["source", "partition", "goes on at"], rows, leftColumns(3), style.dim),
    ...(rest > 0 ? [`… and ${counted(rest, "partition")} more`] : []),
  ];
}

function quarantineLines({ quarantine }: JobReport, style: Style): string[] {
  return quarantine.map(({ run, events, waiting }) => {
    const replayed = waiting === events ? "" : `, ${count(events - waiting)} of them replayed`;
    return `${style.warn("quarantine:")} ${counted(events, "event")} of run ${run}${replayed}`;
  });
}

function keysSection({ store, path, database, counts, problem }: KeysReport, style: Style): string[] {
  const place = path === null ? printable(database ?? "") : shown(path);
  const head = `${style.strong("keys")}  ${`${printable(store)} ${place}`.trimEnd()}`;
  if (problem !== undefined) return [`${head}: not counted. ${printable(problem)}`];
  if (path === null && database === undefined) return [`${head}: kept elsewhere, and not counted here`];
  if (counts === null || counts.length === 0) return [`${head}: none yet`];
  const rows = counts.map(({ contract, scheme, links, from, to }) => [
    printable(contract),
    printable(scheme),
    count(links),
    moment(Date.parse(from)),
    moment(Date.parse(to)),
  ]);
  const columns = leftColumns(5).map((column, i) => (i === 2 ? { align: "right" as const } : column));
  const lines = table(["contract", "scheme", "key links", "windows from", "to"], rows, columns, style.dim);
  return [head, ...lines.map(indented)];
}

const leftColumns = (number: number) => Array.from({ length: number }, () => ({ align: "left" as const }));
const indented = (line: string): string => (line === "" ? "" : `  ${line}`);
const shown = (path: string): string => printable(fromHere(path));
