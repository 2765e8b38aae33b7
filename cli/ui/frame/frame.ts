// One picture of a run: a page that fits the terminal exactly, as lines of text with what they mean. Pure.
import { asciiOnly } from "../../output/ascii.ts";
import { count } from "../../output/units.ts";
import { inFlight, type Screen, selectedRow } from "../state/screen.ts";
import type { Canvas } from "./canvas.ts";
import { headLines } from "./head.ts";
import { helpPage } from "./help.ts";
import { cutTo, type Line, plain, toned } from "./line.ts";
import { overview } from "./overview.ts";
import { cutSign } from "./signs.ts";
import { stepPage } from "./step-page.ts";

export interface Frame {
  /** As many as the canvas has rows. */
  readonly lines: readonly Line[];
  /** The first line that is shown of a long page: no page can be scrolled beyond its end. */
  readonly scroll: number;
}

export function frameOf(screen: Screen, canvas: Canvas): Frame {
  const { rows, columns } = canvas;
  const foot = footOf(screen);
  const head = headLines(screen, canvas).slice(0, Math.max(1, Math.floor(rows / 3)));
  const room = rows - head.length - 2;
  const { body, scroll } = bodyOf(screen, room, canvas);
  const above = [...head, [], ...body.slice(0, Math.max(0, room))].slice(0, rows - 1);
  const blank = Array.from({ length: Math.max(0, rows - 1 - above.length) }, (): Line => []);
  const lines = [...above, ...blank, foot].slice(-rows);
  return { lines: lines.map((line) => shown(cutTo(line, columns, cutSign), canvas)), scroll };
}

function bodyOf(
  screen: Screen,
  room: number,
  canvas: Canvas,
): { readonly body: readonly Line[]; readonly scroll: number } {
  if (screen.mode === "help") return { body: helpPage, scroll: 0 };
  const row = selectedRow(screen);
  if (screen.page === "overview" || row === undefined)
    return { body: overview(screen, room, canvas), scroll: 0 };
  const lines = stepPage(screen, row, canvas);
  const scroll = Math.min(screen.scroll, Math.max(0, lines.length - room));
  return { body: lines.slice(scroll), scroll };
}

function footOf(screen: Screen): Line {
  const { mode, filter, page } = screen;
  if (mode === "stop") {
    const flight = count(inFlight(screen.view));
    return [
      toned("warn", "Stop? "),
      plain(`${flight} events are in flight; they are delivered first.  `),
      toned("strong", "y"),
      plain(" stop  "),
      toned("strong", "esc"),
      plain(" go on"),
    ];
  }
  if (mode === "filter")
    return [toned("strong", "/"), plain(`${filter}_`), toned("dim", "   enter keeps it, esc clears it")];
  if (mode === "help") return [toned("dim", "any key goes back")];
  const keys =
    page === "overview" ? "arrows move  enter look inside" : "arrows scroll  tab next step  esc back";
  const kept = filter === "" ? "" : `  filter: ${filter}`;
  return [toned("dim", `${keys}  / filter  p freeze  ? help  q stop${kept}`)];
}

function shown(line: Line, { ascii }: Canvas): Line {
  return ascii ? line.map((piece) => ({ ...piece, text: asciiOnly(piece.text) })) : line;
}
