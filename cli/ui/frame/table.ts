// The steps of a run as lines of a table: what flows now, what has flowed, what was withheld or refused, and what there is to say.
import type { StepLedger } from "../../../runner/index.ts";
import { offsetsInWords } from "../../output/offsets.ts";
import { count, duration, printable } from "../../output/units.ts";
import { rateOf, recentWaits, trendOf } from "../state/history.ts";
import type { Row } from "../state/rows.ts";
import { type Screen, seen, selectedRow } from "../state/screen.ts";
import type { WatchView } from "../state/watch.ts";
import type { Canvas } from "./canvas.ts";
import { type Line, type Piece, plain, toned, widthOf } from "./line.ts";
import { percent, short } from "./numbers.ts";
import { chosenSign, cutSign, sparkline, toSign, tree } from "./signs.ts";

const columnsFor = { rate: 10, total: 12, withheld: 10, rejected: 10 };
const numbers = columnsFor.rate + columnsFor.total + columnsFor.withheld + columnsFor.rejected;

interface Layout {
  readonly columns: number;
  readonly name: number;
  readonly trend: number;
}

/** The head first. Sinks have their last object where streams have what they withheld and refused. */
export function stepTable(screen: Screen, rows: readonly Row[], { columns }: Canvas): readonly Line[] {
  const longest = Math.max(14, ...rows.map((row) => labelOf(row).length + 2));
  const trend = columns >= 160 ? 60 : columns >= 110 ? 30 : 12;
  const name = Math.min(longest, Math.max(14, columns - numbers - trend - 3));
  const layout = { columns, name, trend };
  const chosen = selectedRow(screen)?.name;
  return [head(layout), ...rows.map((row) => lineOf(seen(screen), row, row.name === chosen, layout))];
}

function head({ name, trend }: Layout): Line {
  const spark = "last minute".padEnd(trend);
  const { rate, total, withheld, rejected } = columnsFor;
  const text =
    `${"stream".padEnd(name)}${"events/s".padStart(rate)}  ${spark}${"events".padStart(total)}` +
    `${"withheld".padStart(withheld)}${"rejected".padStart(rejected)}`;
  return [toned("dim", text)];
}

function lineOf(view: WatchView, row: Row, chosen: boolean, layout: Layout): Line {
  const { columns, name, trend } = layout;
  const step = view.run.ledger?.steps.find((one) => one.name === row.name);
  const label = `${chosen ? chosenSign : " "} ${labelOf(row)}`;
  const cut = label.length > name ? `${label.slice(0, name - cutSign.length)}${cutSign}` : label.padEnd(name);
  const first = chosen ? toned("strong", cut) : plain(cut);
  // A step that nobody needs is not computed, and not in the ledger.
  if (step === undefined)
    return [first, toned("dim", view.run.ledger === undefined ? "" : "  is not needed by any sink")];
  const rate = rateOf(view.history, row.name, view.nowMs);
  const spark = sparkline(trendOf(view.history, row.name, view.nowMs, trend));
  const line = [
    first,
    numberPiece(short(rate, columnsFor.rate - 1), columnsFor.rate),
    toned("good", `  ${spark}`),
    numberPiece(short(step.out, columnsFor.total - 1), columnsFor.total),
  ];
  const notes = notesOn(view, row);
  if (row.kind === "sink") return withNotes(line, sinkNotes(view, step, notes), columns);
  const kept = [
    ...line,
    withheldPiece(step, columnsFor.withheld),
    rejectedPiece(step.rejected, columnsFor.rejected),
  ];
  return withNotes(kept, [...notes, ...offsetNotes(view.run, row.name)], columns);
}

/** The tree before it, and what it is called there. */
function labelOf({ name, kind, rails, side }: Row): string {
  const lead = rails
    .map((last, i) =>
      i === rails.length - 1 ? (last ? tree.corner : tree.tee) : last ? tree.gap : tree.rail,
    )
    .join("");
  if (kind !== "sink") return `${lead}${printable(name)}`;
  const target = name.slice(name.indexOf("->") + 2);
  return `${lead}${side === "events" ? "" : `${side} `}${toSign}${printable(target)}`;
}

function numberPiece(text: string, width: number): Piece {
  const padded = text.padStart(width);
  return text === "0" ? toned("dim", padded) : plain(padded);
}

/** Consent at work is nothing to worry about: never a colour. */
function withheldPiece(step: StepLedger, width: number): Piece {
  const text = (step.kind === "decrypt" ? percent(step.withheld, step.in) : "-").padStart(width);
  return step.withheld === 0 ? toned("dim", text) : plain(text);
}

function rejectedPiece(rejected: number, width: number): Piece {
  const text = short(rejected, width - 1).padStart(width);
  return toned(rejected === 0 ? "dim" : "warn", text);
}

/** As many of them as there is room for; half a note helps nobody. */
function withNotes(line: Line, notes: readonly Piece[], columns: number): Line {
  const all = [...line];
  for (const note of notes) {
    if (widthOf(all) + 2 + note.text.length <= columns) all.push(plain("  "), note);
  }
  return all;
}

function sinkNotes(
  { run }: WatchView,
  { name, in_flight }: StepLedger,
  notes: readonly Piece[],
): readonly Piece[] {
  const written = run.written.find(({ sink }) => sink === name);
  return [
    ...notes,
    ...(in_flight > 0 ? [toned("dim", `${count(in_flight)} in flight`)] : []),
    ...(written === undefined ? [] : [plain(printable(lastPart(written.target)))]),
    ...offsetNotes(run, name),
  ];
}

function offsetNotes({ offsets }: WatchView["run"], name: string): readonly Piece[] {
  return offsets.filter(({ step }) => step === name).map((one) => toned("dim", offsetsInWords(one)));
}

/** What is the matter with a step, the worst first. */
function notesOn({ run, history, behind, nowMs }: WatchView, { name }: Row): readonly Piece[] {
  const retry = run.retrying.find(({ last }) => last.where === name)?.last;
  const late = behind.find(({ source }) => source === name);
  const [slowest] = recentWaits(history, nowMs);
  const dueMs = retry === undefined ? 0 : Date.parse(retry.time) + retry.wait_ms - nowMs;
  return [
    ...(retry === undefined
      ? []
      : [toned("warn", `retry ${retry.attempt} in ${duration(Math.max(0, dueMs))}`)]),
    ...(slowest?.on === name ? [toned("dim", `slowest, ${percent(slowest.share, 1)}`)] : []),
    ...(late === undefined ? [] : [plain(`${count(late.count)} ${late.unit} behind`)]),
  ];
}

/** Of a path; the whole of it stands on the sink's own page. */
function lastPart(target: string): string {
  return target.slice(target.lastIndexOf("/") + 1);
}
