// The page that says which keys there are, and what the words and colours mean.
import { type Line, plain, toned } from "./line.ts";

const keys: readonly (readonly [string, string])[] = [
  ["up, down", "move from step to step, or scroll a page"],
  ["enter, right", "look into a step: a stream's fields, a sink's target"],
  ["esc, left", "back to the whole pipeline"],
  ["tab", "the next step, also from page to page; shift goes back"],
  ["t", "tap: what a sink is given, live; u uncovers personal values"],
  ["/", "show only steps whose name holds a text"],
  ["p", "freeze the picture; the run goes on"],
  ["q", "stop the run well: reading ends, what was read is delivered"],
  ["Ctrl-C", "the same at once; a second time leaves without delivering"],
];

const words: readonly (readonly [string, string])[] = [
  ["withheld", "consent at work: not agreed to every purpose of that stream"],
  ["rejected", "broke the contract; in the quarantine, or in a sink of its own"],
  ["in flight", "given to a sink; its readers see it with the next checkpoint"],
  ["behind", "what a source knew of, unread, when it last read something"],
  ["waits", "what the work stood still for; the first holds back the rest"],
];

export const helpPage: readonly Line[] = [
  ...keys.map((one) => row("strong", one)),
  [],
  ...words.map((one) => row("dim", one)),
];

function row(tone: "strong" | "dim", [name, text]: readonly [string, string]): Line {
  return [toned(tone, name.padEnd(14)), plain(text)];
}
