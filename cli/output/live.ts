// A picture of a run that goes on, for a terminal that draws it again and again.
import { stripVTControlCharacters } from "node:util";
import type { Style } from "../terminal.ts";
import { sinkTable, streamTable } from "./ledger-table.ts";
import { retryInWords } from "./retry.ts";
import { presentRate, type RunView, thisRun } from "./state.ts";
import { bytes, count, counted, duration } from "./units.ts";

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Lines that fit the canvas; `tick` counts the pictures, `elapsedMs` is since the start. */
export function picture(view: RunView, tick: number, elapsedMs: number, canvas: Canvas): string[] {
  const { style } = canvas;
  const sign = style.good(spinner[tick % spinner.length] ?? "");
  const doing = view.stopping === undefined ? "" : style.warn("  stopping: delivering what was read");
  const retries = view.retrying.map((one) => `${style.warn("retry:")} ${retryInWords(one)}`);
  const { ledger } = view;
  if (ledger === undefined) {
    const head = `${sign} ${style.strong(view.pipeline)}  starting${doing}`;
    return [head, ...retries].map((line) => cutTo(line, canvas.columns));
  }
  const { read, readBytes, replayed } = thisRun(view, ledger);
  const done = view.replays
    ? [`${counted(replayed, "event")} replayed`]
    : [`${counted(read, "event")} read`, bytes(readBytes)];
  const facts = [duration(elapsedMs), ...done, `${count(presentRate(view))}/s`];
  const head = `${sign} ${style.strong(view.pipeline)}  ${facts.join("  ")}${doing}`;
  const tables = [...retries, ...streamTable(view, ledger, style), "", ...sinkTable(view, ledger, style)];
  const room = canvas.rows - 2;
  const shown =
    tables.length <= room
      ? tables
      : [...tables.slice(0, room - 1), `… and ${tables.length - room + 1} more lines`];
  return [head, ...(room < 3 ? [] : shown.map((line) => `  ${line}`))].map((line) =>
    cutTo(line, canvas.columns),
  );
}

/** A line that wrapped would spoil the count of lines to erase; a cut one loses its colours. */
function cutTo(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : `${plain.slice(0, Math.max(0, columns - 2))}…`;
}
