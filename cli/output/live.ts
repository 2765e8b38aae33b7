// A picture of a run that goes on, for a terminal that draws it again and again.
import { stripVTControlCharacters } from "node:util";
import type { Style } from "../terminal.ts";
import { sinkTable, streamTable } from "./ledger-table.ts";
import { eventsRead, presentRate, type RunView } from "./state.ts";
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
  const { ledger } = view;
  if (ledger === undefined)
    return [cutTo(`${sign} ${style.strong(view.pipeline)}  starting${doing}`, canvas.columns)];
  const facts = [
    duration(elapsedMs),
    `${counted(eventsRead(ledger), "event")} read`,
    bytes(ledger.read_bytes),
    `${count(presentRate(view))}/s`,
  ];
  const head = `${sign} ${style.strong(view.pipeline)}  ${facts.join("  ")}${doing}`;
  const tables = [...streamTable(view, ledger, style), "", ...sinkTable(view, ledger, style)];
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
