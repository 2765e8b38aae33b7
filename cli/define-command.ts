// How a command is defined: its help, with examples, and what is said of a wrong call.
import type { Command } from "commander";
import { showFailure } from "./exit.ts";
import { styleOf } from "./terminal.ts";

/** Adds a command to `parent`; `calls` are examples. */
export function define(parent: Command, name: string, summary: string, ...calls: readonly string[]): Command {
  const path = parent.parent === null ? `strm ${name}` : `strm ${parent.name()} ${name}`;
  return parent
    .command(name)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .configureOutput({ outputError: (text) => wrongUse(text, `${path} --help shows how to call it.`) })
    .addHelpText("after", examples(...calls));
}

/** The end of a help text. */
export function examples(...calls: readonly string[]): string {
  return `\n${styleOf(process.stdout).strong(calls.length === 1 ? "Example:" : "Examples:")}\n${calls.map((call) => `  ${call}`).join("\n")}`;
}

/** Rewords what commander says of a call, so that all errors look alike: what is wrong, then the next step. */
export function wrongUse(text: string, otherwise: string): void {
  const [, message = text, near] = /^error: (.*?)(?:\n\((.*)\))?\s*$/s.exec(text) ?? [];
  const program = /^unknown command '(.*\.strm)'$/.exec(message)?.[1];
  const help = program === undefined ? (near ?? otherwise) : `Did you mean strm run ${program}?`;
  showFailure({ message: message.endsWith(".") ? message : `${message}.`, help });
}
