// What a run says in passing: how it begins, and what it warns of.
import type { Started } from "../../runner/index.ts";
import type { Style } from "../terminal.ts";
import { fromHere } from "./ledger-table.ts";
import { count, counted, moment, printable } from "./units.ts";

export function beginningLines(
  { pipeline, state, workers, replays, continues }: Started,
  style: Style,
): string[] {
  const what = replays ? "replays what its quarantine holds" : "started";
  const how =
    continues === null || replays
      ? what
      : `goes on from checkpoint ${count(continues.checkpoint)}, made at ${moment(Date.parse(continues.made))}`;
  return [
    `${style.strong(pipeline)} ${how}; ${counted(workers, "worker")}, keys and state are in ${printable(fromHere(state))}`,
  ];
}

export function warningLines(
  { message, help }: { readonly message: string; readonly help: string },
  style: Style,
): string[] {
  return [`${style.warn("warning:")} ${printable(message)}`, `  ${style.strong("help:")} ${printable(help)}`];
}
