// The end of a run in words: what became of every event, where the results stand, and what is left to do.
import { countsOf, type Finished } from "../../runner/index.ts";
import type { Style } from "../terminal.ts";
import { fromHere, placeOf, sinkTable, streamTable } from "./ledger-table.ts";
import type { RunView } from "./state.ts";
import { table } from "./table.ts";
import { bytes, count, counted, duration, moment, printable } from "./units.ts";

const mostReasons = 8;

/** Lines for standard error; nothing of an event stands in them. `file` is the pipeline as the user named it. */
export function summary(view: RunView, finished: Finished, file: string, style: Style): string[] {
  const { ledger } = finished;
  const { read, replayed } = finished.summary;
  if (finished.outcome === "failed" && read + replayed === 0) return failure(view, style);
  const parts = [
    [headline(view, finished, style), ...wholeJob(view, finished)],
    streamTable(view, ledger, style).map(indented),
    sinkTable(view, ledger, style).map(indented),
    keysMade(finished, style),
    [...withheld(finished, file, style), ...rejections(view, style), ...quarantine(finished, file, style)],
    uncoverings(view, style),
    failure(view, style),
    [balance(finished, style), ...howToGoOn(view, finished, file, style)],
  ];
  return parts.flatMap((part) => (part.length === 0 ? [] : ["", ...part]));
}

const indented = (line: string): string => `  ${line}`;

function headline(view: RunView, { outcome, ledger, summary: sums }: Finished, style: Style): string {
  const { pipeline, stopping, replays } = view;
  const verdict = {
    completed: style.good("completed"),
    stopped: style.warn(`stopped${stopping === undefined ? "" : ` by ${printable(stopping)}`}`),
    failed: style.bad("failed"),
  };
  const { read, read_bytes: readBytes, replayed, events_per_second, bytes_per_second } = sums;
  const speed = bytes_per_second > 0 ? `, ${bytes(bytes_per_second)}/s` : "";
  const rate = events_per_second > 0 ? `, ${counted(events_per_second, "event")}/s${speed}` : "";
  const done = replays
    ? `${counted(replayed, "rejected event")} replayed`
    : `${counted(read, "event")} read, ${bytes(readBytes)}`;
  const facts = `${done} in ${duration(ledger.elapsed_ms)}${rate}`;
  return `${style.strong(pipeline)} ${verdict[outcome]}: ${facts}`;
}

/** A run that went on has read less than its tables count. */
function wholeJob({ continues, replays }: RunView, { ledger }: Finished): string[] {
  if (continues === null) return [];
  const counts = countsOf(ledger);
  const all = counted(counts.read, "event");
  const back = counts.replayed > 0 ? `, and ${count(counts.replayed)} replayed` : "";
  const before = replays ? "" : `It went on from checkpoint ${count(continues.checkpoint)}. `;
  return [`${before}The tables count all runs of the job: ${all} read${back}.`];
}

function howToGoOn(
  { checkpoint, replays }: RunView,
  { outcome }: Finished,
  file: string,
  style: Style,
): string[] {
  if (outcome === "completed") return [];
  const call = replays ? `strm rejected replay ${file}` : `strm run ${file}`;
  if (outcome === "stopped") return [`${style.strong("To go on:")} ${call} goes on where it stopped.`];
  if (checkpoint === 0) return [];
  return [`${style.strong("To go on:")} ${call} goes on from checkpoint ${count(checkpoint)}, which holds.`];
}

/** Only of a run that did something. */
function keysMade({ summary: { keys, read, replayed } }: Finished, style: Style): string[] {
  if (keys.length === 0 || read + replayed === 0) return [];
  const made = keys.map(({ step, created, rotated }) => {
    const again = rotated === 0 ? "" : `, ${count(rotated)} of them rotated`;
    return `${counted(created, "new key link")} for ${step}${again}`;
  });
  return [`${style.strong("Keys:")} ${made.join(", ")}.`];
}

function withheld({ ledger }: Finished, file: string, style: Style): string[] {
  if (!ledger.steps.some((step) => step.withheld > 0)) return [];
  return [
    `${style.strong("Withheld")} is consent at work: these people did not agree to every purpose of that stream.`,
    `  strm explain ${file} says which purposes each sink asks for.`,
  ];
}

function rejections({ rejections: all, otherRejected }: RunView, style: Style): string[] {
  const total = all.reduce((sum, { events }) => sum + events, otherRejected);
  if (total === 0) return [];
  const most = all.toSorted((a, b) => b.events - a.events);
  const rows = most.slice(0, mostReasons).map((rejection) => {
    const { events, step, code, reason } = rejection;
    return [count(events), step, code, placeOf(rejection), printable(reason)];
  });
  const head = ["events", "stream", "code", "first at", "reason"];
  const columns = head.map((_, i) => ({ align: i === 0 ? ("right" as const) : ("left" as const) }));
  const rest = total - most.slice(0, mostReasons).reduce((sum, { events }) => sum + events, 0);
  return [
    `${style.warn("Rejected:")} ${counted(total, "event")} broke the contract. \`strm explain CODE\` says what a code means.`,
    ...table(head, rows, columns, style.dim).map(indented),
    ...(rest > 0 ? [indented(`${count(rest)} more for other reasons`)] : []),
  ];
}

function quarantine({ quarantine: kept, ledger }: Finished, file: string, style: Style): string[] {
  if (kept === null) return [];
  const from = ledger.edges.find(({ to }) => to === "quarantine")?.from ?? "NAME.rejected";
  return [
    `${style.warn("Quarantine:")} ${counted(kept.events, "rejected event")}, which no sink takes, ${kept.events === 1 ? "waits" : "wait"} sealed in`,
    `  ${printable(fromHere(kept.path))}`,
    `  To look at them: strm rejected list ${file}. When the cause is put right: strm rejected replay ${file}`,
    `  To take them elsewhere: sink ${from} into file { path = "rejected.jsonl" }`,
  ];
}

function uncoverings({ uncoverings: all }: RunView, style: Style): string[] {
  return all.map(({ stream, by, time, times }) => {
    const more = times > 1 ? `, ${count(times)} times` : "";
    const when = `${times > 1 ? "first " : ""}at ${moment(Date.parse(time))}`;
    return `${style.warn("Uncovered:")} ${printable(by)} looked at personal values of ${printable(stream)}${more}, ${when}.`;
  });
}

function failure({ failed }: RunView, style: Style): string[] {
  if (failed === undefined) return [];
  const { code, message, help } = failed;
  return [
    `${style.bad(code === "bug" ? "This is a bug of strm:" : `error[${code}]:`)} ${printable(message)}`,
    `  ${style.strong("help:")} ${printable(help)}`,
  ];
}

function balance({ outcome, ledger }: Finished, style: Style): string {
  if (!ledger.balanced) return style.bad("The ledger does not balance. Please report this as a bug of strm.");
  const rest = ledger.steps.reduce((sum, step) => sum + step.in_flight, 0);
  const flight = rest > 0 ? " + in flight" : "";
  const text = `in every step, in = out + withheld + rejected${flight}.`;
  if (outcome === "failed")
    return `${style.strong("The ledger balances:")} ${text} Sinks show only what is complete.`;
  return `${style.good("The ledger balances:")} ${text}`;
}
