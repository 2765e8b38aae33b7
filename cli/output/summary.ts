// The end of a run in words: what became of every event, where the results stand, and what is left to do.
import type { Finished } from "../../runner/index.ts";
import type { Style } from "../terminal.ts";
import { fromHere, sinkTable, streamTable } from "./ledger-table.ts";
import { eventsRead, type RunView } from "./state.ts";
import { table } from "./table.ts";
import { bytes, count, counted, duration, printable } from "./units.ts";

const mostReasons = 8;

/** Lines for standard error; nothing of an event stands in them. `file` is the pipeline as the user named it. */
export function summary(view: RunView, finished: Finished, file: string, style: Style): string[] {
  const { ledger } = finished;
  if (finished.outcome === "failed" && eventsRead(ledger) === 0) return failure(view, style);
  const parts = [
    [headline(view, finished, style)],
    streamTable(view, ledger, style).map(indented),
    sinkTable(view, ledger, style).map(indented),
    [...withheld(finished, file, style), ...rejections(view, style), ...quarantine(finished, style)],
    failure(view, style),
    [balance(finished, style)],
  ];
  return parts.flatMap((part) => (part.length === 0 ? [] : ["", ...part]));
}

const indented = (line: string): string => `  ${line}`;

function headline({ pipeline, stopping }: RunView, { outcome, ledger }: Finished, style: Style): string {
  const verdict = {
    completed: style.good("completed"),
    stopped: style.warn(`stopped${stopping === undefined ? "" : ` by ${printable(stopping)}`}`),
    failed: style.bad("failed"),
  };
  const read = eventsRead(ledger);
  const took = ledger.elapsed_ms;
  const rate = took > 0 && read > 0 ? `, ${counted(Math.round((read * 1000) / took), "event")}/s` : "";
  const facts = `${counted(read, "event")} read, ${bytes(ledger.read_bytes)} in ${duration(took)}${rate}`;
  return `${style.strong(pipeline)} ${verdict[outcome]}: ${facts}`;
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
  const rows = most.slice(0, mostReasons).map(({ events, step, code, reason, origin, line }) => {
    const place = printable(`${fromHere(origin)}:${line}`);
    return [count(events), step, code, place, printable(reason)];
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

function quarantine({ quarantine: kept, ledger }: Finished, style: Style): string[] {
  if (kept === null) return [];
  const from = ledger.edges.find(({ to }) => to === "quarantine")?.from ?? "NAME.rejected";
  return [
    `${style.warn("Quarantine:")} no sink takes ${kept.events === 1 ? "one of them, so it is" : `${count(kept.events)} of them, so they are`} kept in`,
    `  ${printable(fromHere(kept.path))}`,
    "  One JSON line each: code, reason and position to read, the event itself sealed under the master key.",
    `  To take them elsewhere: sink ${from} into file { path = "rejected.jsonl" }`,
  ];
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
