// What is shown of a run and what keys do to that: pages, selection, filter, freezing, questions. Pure.
import type { TapEvent, TapSample, TapWish } from "../../../runner/index.ts";
import type { Facts, TapFacts } from "./facts.ts";
import { own } from "./own.ts";
import { type Row, rowsOf } from "./rows.ts";
import type { WatchView } from "./watch.ts";

export interface Screen {
  readonly view: WatchView;
  readonly facts: Facts;
  /** Steps in a tree, one of them, or a sample of its events. */
  readonly page: "overview" | "step" | "tap";
  /** A step's name; undefined: the first. */
  readonly selected: string | undefined;
  /** First line that is shown of a page that is longer than the terminal. */
  readonly scroll: number;
  readonly filter: string;
  /** What keys mean at present: `filter` takes text, `help` and questions stand before all else. */
  readonly mode: "look" | "filter" | "help" | Question;
  /** Present on the page `tap`. */
  readonly tapped: Tapped | undefined;
  /** What the last key could not do, until the next one. */
  readonly notice: string | undefined;
  /** The moment at which the picture was frozen. */
  readonly frozen: WatchView | undefined;
  /** The run is another process's: it can be looked at and left, and nothing else. */
  readonly attached: boolean;
  /** Present while a run of another process can't be seen. */
  readonly lost: Lost | undefined;
}

export interface Lost {
  /** By the view's clock. */
  readonly sinceMs: number;
  /** Completes "it". */
  readonly why: string;
}

/** Whether to stop, to look at a stream with personal values, to see those values themselves. */
export type Question = "stop" | "tap" | "uncover";

export interface Tapped extends TapWish {
  /** The page that it was opened from. */
  readonly from: "overview" | "step";
  /** Newest first. */
  readonly events: readonly TapEvent[];
}

/** A screen shows no more. */
const mostTapped = 20;

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
  | "ctrl-c"
  | "ctrl-z";

/**
 * What somebody wants of the run itself: `stop` delivers what was read, `interrupt` and `suspend` are what Ctrl-C and Ctrl-Z do everywhere, `leave`
 * lets it go on.
 */
export type Wish = "stop" | "interrupt" | "suspend" | "leave";

export interface Pressed {
  readonly screen: Screen;
  readonly wish?: Wish;
}

export function openScreen(view: WatchView, facts: Facts): Screen {
  const page = { page: "overview", selected: undefined, scroll: 0, tapped: undefined } as const;
  const here = { attached: false, lost: undefined } as const;
  return { view, facts, ...page, ...here, filter: "", mode: "look", notice: undefined, frozen: undefined };
}

/** With what happened since. What must not be missed breaks through a frozen picture. */
export function withView(screen: Screen, view: WatchView): Screen {
  const { stopping, failed, ledger } = view.run;
  const urgent = stopping !== undefined || failed !== undefined || ledger?.balanced === false;
  return { ...screen, view, frozen: urgent ? undefined : screen.frozen };
}

/** What the picture is made of. */
export const seen = ({ frozen, view }: Screen): WatchView => frozen ?? view;

export const rowsIn = (screen: Screen): readonly Row[] => rowsOf(seen(screen).run.steps, screen.filter);

/** The row that keys act on; undefined where there is none. */
export function selectedRow(screen: Screen): Row | undefined {
  const rows = rowsIn(screen);
  return rows.find(({ name }) => name === screen.selected) ?? rows[0];
}

/** What a tap of the selected step shows; undefined where it can't be tapped. */
export function tapOf(screen: Screen): TapFacts | undefined {
  return own(screen.facts.taps, selectedRow(screen)?.name ?? "");
}

/** What the screen wants to be shown of the events themselves. */
export function tapWish({ tapped }: Screen): TapWish | undefined {
  return tapped && { step: tapped.step, uncovered: tapped.uncovered };
}

/** With more events of the stream that is looked at; a frozen picture stays as it is. */
export function withSample(screen: Screen, { wish, events }: TapSample): Screen {
  const { tapped, frozen } = screen;
  if (tapped === undefined || frozen !== undefined) return screen;
  if (tapped.step !== wish.step || tapped.uncovered !== wish.uncovered) return screen;
  const newest = [...events.toReversed(), ...tapped.events].slice(0, mostTapped);
  return { ...screen, tapped: { ...tapped, events: newest } };
}

export function press(before: Screen, key: Key): Pressed {
  const screen: Screen = { ...before, notice: undefined };
  if ("name" in key && key.name === "ctrl-c")
    return { screen, wish: screen.attached ? "leave" : "interrupt" };
  if ("name" in key && key.name === "ctrl-z") return { screen, wish: "suspend" };
  switch (screen.mode) {
    case "help":
      return { screen: { ...screen, mode: "look" } };
    case "stop":
      // No harm is done where a key came twice; where values come to light, it has to be an answer.
      return says(key, "y", "q") || ("name" in key && key.name === "enter")
        ? { screen: look(screen), wish: "stop" }
        : { screen: look(screen) };
    case "tap":
      return { screen: says(key, "y") ? openTap(look(screen)) : look(screen) };
    case "uncover":
      return { screen: says(key, "y") ? withCover(look(screen), false) : look(screen) };
    case "filter":
      return { screen: typed(screen, key) };
    case "look":
      return "text" in key ? letter(screen, key.text) : { screen: moved(screen, key.name) };
  }
}

/** Events that were handed to sinks and that nobody can read yet. */
export function inFlight({ run: { ledger } }: WatchView): number {
  return (ledger?.steps ?? []).reduce((sum, step) => sum + step.in_flight, 0);
}

function letter(screen: Screen, text: string): Pressed {
  switch (text) {
    case "q":
      if (screen.attached) return { screen, wish: "leave" };
      if (screen.view.run.stopping !== undefined) return { screen };
      if (inFlight(screen.view) > 0) return { screen: { ...screen, mode: "stop" } };
      return { screen, wish: "stop" };
    case "p":
      return { screen: { ...screen, frozen: screen.frozen === undefined ? screen.view : undefined } };
    case "?":
      return { screen: { ...screen, mode: "help" } };
    case "t":
      return { screen: screen.page === "tap" ? closeTap(screen) : askForTap(screen) };
    case "u":
      return { screen: screen.page === "tap" ? turnCover(screen) : screen };
    case "/":
      if (screen.page === "tap") return { screen };
      return { screen: { ...screen, mode: "filter", page: "overview", scroll: 0 } };
    default:
      return { screen };
  }
}

const look = (screen: Screen): Screen => ({ ...screen, mode: "look" });

function says(key: Key, ...yes: readonly string[]): boolean {
  return "text" in key && yes.includes(key.text);
}

function askForTap(screen: Screen): Screen {
  if (screen.attached)
    return { ...screen, notice: "Events are seen where the run is: no value of one leaves it." };
  const target = tapOf(screen);
  if (target === undefined) return { ...screen, notice: whyNoTap(selectedRow(screen)) };
  return target.exposed.length > 0 ? { ...screen, mode: "tap" } : openTap(screen);
}

function whyNoTap(row: Row | undefined): string {
  if (row?.side === "keys") return "Keys are shown to nobody.";
  if (row?.side === "rejected") return "Refused events stay sealed; `strm rejected show` opens them.";
  return "No sink takes the events of this stream, so there is nothing to look at.";
}

function openTap(screen: Screen): Screen {
  const step = selectedRow(screen)?.name;
  if (step === undefined || screen.page === "tap") return screen;
  const tapped = { step, uncovered: false, from: screen.page, events: [] };
  return { ...screen, page: "tap", scroll: 0, tapped, frozen: undefined };
}

function closeTap(screen: Screen): Screen {
  return { ...screen, page: screen.tapped?.from ?? "overview", scroll: 0, tapped: undefined };
}

function turnCover(screen: Screen): Screen {
  if (screen.tapped?.uncovered === true) return withCover(screen, true);
  const exposed = screen.facts.taps[screen.tapped?.step ?? ""]?.exposed ?? [];
  return exposed.length > 0
    ? { ...screen, mode: "uncover" }
    : { ...screen, notice: "Nothing is covered here: the stream holds no personal value in clear." };
}

/** What was shown the other way goes. */
function withCover(screen: Screen, covered: boolean): Screen {
  if (screen.tapped === undefined) return screen;
  const tapped = { ...screen.tapped, uncovered: !covered, events: [] };
  return { ...screen, tapped, scroll: 0, frozen: undefined };
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
      if (screen.page === "tap") return screen;
      return selectBy({ ...screen, scroll: 0 }, name === "tab" ? 1 : -1, true);
    case "enter":
    case "right":
      return screen.page === "overview" && selectedRow(screen) !== undefined
        ? { ...screen, page: "step", scroll: 0 }
        : screen;
    case "escape":
    case "left":
      if (screen.page === "tap") return closeTap(screen);
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
