// Words what ended a run: a failure as it is, and anything else as a bug of ours without a word of what it was working on.
import { StrmFailure } from "../failure.ts";
import type { Failed } from "./events.ts";
import type { Untimed } from "./reporter.ts";

/** An unexpected error's own message is left out: it may quote an event. */
export function failedBy(error: unknown): Untimed<Failed> {
  if (error instanceof StrmFailure) {
    return { type: "failed", code: error.code, message: error.message, help: error.help };
  }
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return {
    type: "failed",
    code: "bug",
    message: `strm made a mistake: ${name} ${placeOf(error)}.`,
    help: "Nothing half-written has been left. Please report this line; it holds no personal data.",
  };
}

/** The innermost place in the stack, by function, file and line. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return "at an unknown place";
  const frames = error.stack.slice(error.stack.indexOf(error.message) + error.message.length).split("\n");
  const frame = frames.find((line) => /^\s+at .*:[0-9]+/.test(line));
  const place = /^\s+at (?:(?<name>[\w.#<> ]+) \()?.*?(?<file>[\w.-]+:[0-9]+):[0-9]+\)?$/.exec(frame ?? "");
  if (place?.groups === undefined) return "at an unknown place";
  const { name, file } = place.groups;
  return name === undefined ? `at ${file}` : `in ${name} at ${file}`;
}
