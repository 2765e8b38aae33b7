// What is shown of a run and what keys do to that: pages, selection, filter, freezing, questions. Pure.
import type { Facts } from "./facts.ts";
import { type Row, rowsOf } from "./rows.ts";
import type { WatchView } from "./watch.ts";

export interface Screen {
  readonly view: WatchView;
  readonly facts: Facts;
  /** Steps in a tree, or one of them. */
  readonly page: "overview" | "step";
  /** A step's name; undefined: the first. */
  readonly selected: string | undefined;
  /** First line that is shown of a page that is longer than the terminal. */
  readonly scroll: number;
  readonly filter: string;
  /** What keys mean at present: `filter` takes text, `help` and `stop` stand before all else. */
  readonly mode: "look" | "filter" | "help" | "stop";
  /** The moment at which the picture was frozen. */
  readonly frozen: WatchView | undefined;
}

/** A key by its name, or the text that it types. */
export type Key = { readonly name: KeyName } | { readonly text: string };

export type KeyName =
  | "up"
  | "down"
  | "left"
  | "right"
  | "page-up"
  | "page-down"
  | "tab"
  | "back-tab"
  | "enter"
  | "escape"
  | "backspace"
  | "ctrl-c";

/** What somebody wants of the run itself: `stop` delivers what was read, `interrupt` is what Ctrl-C does everywhere. */
export type Wish = "stop" | "interrupt";

export interface Pressed {
  readonly screen: Screen;
  readonly wish?: Wish;
}

export function openScreen(view: WatchView, facts: Facts): Screen {
  const shown = { page: "overview", selected: undefined, scroll: 0 } as const;
  return { view, facts, ...shown, filter: "", mode: "look", frozen: undefined };
}

/** What the picture is made of. */
export const seen = ({ frozen, view }: Screen): WatchView => frozen ?? view;

export const rowsIn = (screen: Screen): readonly Row[] => rowsOf(seen(screen).run.steps, screen.filter);

/** The row that keys act on; undefined where there is none. */
export function selectedRow(screen: Screen): Row | undefined {
  const rows = rowsIn(screen);
  return rows.find(({ name }) => name === screen.selected) ?? rows[0];
}

export function press(screen: Screen, key: Key): Pressed {
  if ("name" in key && key.name === "ctrl-c") return { screen, wish: "interrupt" };
  if (screen.mode === "help") return { screen: { ...screen, mode: "look" } };
  if (screen.mode === "stop") return answer(screen, key);
  if (screen.mode === "filter") return { screen: typed(screen, key) };
  return "text" in key ? letter(screen, key.text) : { screen: moved(screen, key.name) };
}

/** Events that were handed to sinks and that nobody can read yet. */
export function inFlight({ run: { ledger } }: WatchView): number {
  return (ledger?.steps ?? []).reduce((sum, step) => sum + step.in_flight, 0);
}

function letter(screen: Screen, text: string): Pressed {
  switch (text) {
    case "q":
      if (screen.view.run.stopping !== undefined) return { screen };
      if (inFlight(screen.view) > 0) return { screen: { ...screen, mode: "stop" } };
      return { screen, wish: "stop" };
    case "p":
      return { screen: { ...screen, frozen: screen.frozen === undefined ? screen.view : undefined } };
    case "?":
      return { screen: { ...screen, mode: "help" } };
    case "/":
      return { screen: { ...screen, mode: "filter", page: "overview", scroll: 0 } };
    default:
      return { screen };
  }
}

function answer(screen: Screen, key: Key): Pressed {
  const look: Screen = { ...screen, mode: "look" };
  const yes = "text" in key ? key.text === "y" || key.text === "q" : key.name === "enter";
  return yes ? { screen: look, wish: "stop" } : { screen: look };
}

function typed(screen: Screen, key: Key): Screen {
  if ("text" in key) return { ...screen, filter: `${screen.filter}${key.text}`.slice(0, 40) };
  switch (key.name) {
    case "backspace":
      return { ...screen, filter: screen.filter.slice(0, -1) };
    case "escape":
      return { ...screen, filter: "", mode: "look" };
    case "enter":
      return { ...screen, mode: "look" };
    default:
      return moved({ ...screen, mode: "look" }, key.name);
  }
}

const linesAPage = 10;

function moved(screen: Screen, name: KeyName): Screen {
  const steps: Partial<Record<KeyName, number>> = {
    up: -1,
    down: 1,
    "page-up": -linesAPage,
    "page-down": linesAPage,
  };
  switch (name) {
    case "tab":
    case "back-tab":
      return selectBy({ ...screen, scroll: 0 }, name === "tab" ? 1 : -1, true);
    case "enter":
    case "right":
      return screen.page === "overview" && selectedRow(screen) !== undefined
        ? { ...screen, page: "step", scroll: 0 }
        : screen;
    case "escape":
    case "left":
      return screen.page === "step" ? { ...screen, page: "overview", scroll: 0 } : { ...screen, filter: "" };
    default: {
      const by = steps[name];
      if (by === undefined) return screen;
      if (screen.page === "overview") return selectBy(screen, by, false);
      return { ...screen, scroll: Math.max(0, screen.scroll + by) };
    }
  }
}

function selectBy(screen: Screen, by: number, around: boolean): Screen {
  const rows = rowsIn(screen);
  if (rows.length === 0) return screen;
  const at = rows.findIndex(({ name }) => name === selectedRow(screen)?.name) + by;
  const next = around ? (at + rows.length) % rows.length : Math.min(rows.length - 1, Math.max(0, at));
  return { ...screen, selected: rows[next]?.name };
}
