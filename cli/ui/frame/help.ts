// The page that says which keys there are, and what the words and colours mean.
import { type Line, plain, toned } from "./line.ts";

type Row = readonly [string, string];

const moving: readonly Row[] = [
  ["up, down", "move from step to step, or scroll a page"],
  ["enter, right", "look into a step: a stream's fields, a sink's target"],
  ["esc, left", "back to the whole pipeline"],
  ["tab", "the next step, also from page to page; shift goes back"],
];

const tapping: readonly Row[] = [["t", "tap: what a sink is given, live; u uncovers personal values"]];

const looking: readonly Row[] = [
  ["/", "show only steps whose name holds a text"],
  ["p", "freeze the picture; the run goes on"],
];

const stopping: readonly Row[] = [
  ["q", "stop the run well: reading ends, what was read is delivered"],
  ["Ctrl-C", "the same at once; once more, or after q, leaves without delivering"],
];

const leaving: readonly Row[] = [
  ["q, Ctrl-C", "leave; the run goes on, and can't be stopped or tapped from here"],
];

const words: readonly Row[] = [
  ["withheld", "consent at work: not agreed to every purpose of that stream"],
  ["rejected", "broke the contract; in the quarantine, or in a sink of its own"],
  ["in flight", "given to a sink; its readers see it with the next checkpoint"],
  ["behind", "what a source knew of, unread, when it last read something"],
  ["waits", "what the work stood still for; the first holds back the rest"],
];

/** `attached`: the run is another process's. */
export function helpPage(attached: boolean): readonly Line[] {
  const keys = attached
    ? [...moving, ...looking, ...leaving]
    : [...moving, ...tapping, ...looking, ...stopping];
  return [...keys.map((one) => row("strong", one)), [], ...words.map((one) => row("dim", one))];
}

function row(tone: "strong" | "dim", [name, text]: Row): Line {
  return [toned(tone, name.padEnd(14)), plain(text)];
}
