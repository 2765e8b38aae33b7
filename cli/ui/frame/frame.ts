// One picture of a run: a page that fits the terminal exactly, as lines of text with what they mean. Pure.
import { asciiOnly } from "../../output/ascii.ts";
import { count, counted } from "../../output/units.ts";
import { inFlight, type Screen, selectedRow, tapOf } from "../state/screen.ts";
import type { Canvas } from "./canvas.ts";
import { headLines } from "./head.ts";
import { helpPage } from "./help.ts";
import { cutTo, type Line, plain, toned } from "./line.ts";
import { overview } from "./overview.ts";
import { cutSign } from "./signs.ts";
import { stepPage } from "./step-page.ts";
import { tapPage } from "./tap-page.ts";

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
  if (screen.mode === "help") return { body: helpPage(screen.attached), scroll: 0 };
  const row = selectedRow(screen);
  if (screen.page === "overview" || row === undefined)
    return { body: overview(screen, room, canvas), scroll: 0 };
  const { tapped } = screen;
  const lines = tapped === undefined ? stepPage(screen, row, canvas) : tapPage(screen, tapped, canvas);
  const scroll = Math.min(screen.scroll, Math.max(0, lines.length - room));
  return { body: lines.slice(scroll), scroll };
}

function footOf(screen: Screen): Line {
  const { mode, filter, page, notice, attached } = screen;
  switch (mode) {
    case "stop": {
      const flight = count(inFlight(screen.view));
      return question("Stop?", `${flight} events are in flight; they are delivered first.`, "stop", "go on");
    }
    case "tap":
      return question(
        "Look?",
        `Personal values in clear (${exposed(screen)}) stay covered.`,
        "look",
        "go back",
      );
    case "uncover":
      return question(`Uncover ${exposed(screen)}?`, "The run's events record it.", "uncover", "go back");
    case "filter":
      return [toned("strong", "/"), plain(`${filter}_`), toned("dim", "   enter keeps it, esc clears it")];
    case "help":
      return [toned("dim", "any key goes back")];
    case "look": {
      if (notice !== undefined) return [toned("warn", notice)];
      const kept = filter === "" ? "" : `  filter: ${filter}`;
      const keys = attached ? keysOn[page].replace("  t tap", "") : keysOn[page];
      return [toned("dim", `${keys}  p freeze  ? help  q ${attached ? "leave" : "stop"}${kept}`)];
    }
  }
}

const keysOn: Readonly<Record<Screen["page"], string>> = {
  overview: "arrows move  enter look inside  t tap  / filter",
  step: "arrows scroll  tab next  t tap  esc back  / filter",
  tap: "arrows scroll  u uncover or cover  esc back",
};

function question(ask: string, why: string, yes: string, no: string): Line {
  return [
    toned("warn", `${ask} `),
    plain(`${why}  `),
    toned("strong", "y"),
    plain(` ${yes}  `),
    toned("strong", "esc"),
    plain(` ${no}`),
  ];
}

const exposed = (screen: Screen): string => counted(tapOf(screen)?.exposed.length ?? 0, "field");

function shown(line: Line, { ascii }: Canvas): Line {
  return ascii ? line.map((piece) => ({ ...piece, text: asciiOnly(piece.text) })) : line;
}
