// What trying a program's connections came to, in words: a line a step, and below it what to do where it failed.
import type { Connection } from "../../runner/index.ts";
import { styleOf } from "../terminal.ts";
import { type Column, table } from "./table.ts";
import { counted, printable } from "./units.ts";

export interface TriedProgram {
  readonly file: string;
  readonly connections: readonly Connection[];
}

export function isFailed({ outcome }: Connection): boolean {
  return outcome === "failed";
}

const words = { ok: "ok", untried: "-", failed: "FAILED" } as const;

/** Everything that is wrong at once. */
export function showConnections(
  { file, connections }: TriedProgram,
  out: Pick<NodeJS.WriteStream, "write" | "isTTY">,
): void {
  const style = styleOf(out);
  const paint = (padded: string, cell: string): string =>
    (cell === words.failed ? style.bad : cell === words.ok ? style.good : style.dim)(padded);
  const rows = connections.map(({ step, connector, outcome, message, code }) => [
    words[outcome],
    printable(step),
    connector,
    outcome === "failed" ? (code ?? "") : printable(message),
  ]);
  const left: Column = { align: "left" };
  const failed = connections.filter(isFailed);
  const verdict =
    failed.length === 0
      ? style.good("all that could be tried is there")
      : style.bad(`${counted(failed.length, "step")} failed`);
  const details = failed.flatMap(({ step, message, code, help = "" }) => [
    "",
    `${style.bad(`error[${code}]:`)} ${printable(step)}: ${lines(message).join("\n  ")}`,
    `  ${style.strong("help:")} ${printable(help)}`,
  ]);
  const head = ["", "step", "by", "found"];
  out.write(
    `${[`${file}: ${verdict}`, ...table(head, rows, [{ ...left, paint }, left, left, left], style.dim).map((line) => `  ${line}`), ...details].join("\n")}\n`,
  );
}

/** A failure may name several values that are missing, a line each. */
function lines(text: string): readonly string[] {
  return text.split("\n").map(printable);
}
