// What stays on the normal screen of a run that was watched: its warnings, and its summary.
import type { Finished } from "../../runner/index.ts";
import { warningLines } from "../output/notices.ts";
import { summary } from "../output/summary.ts";
import type { Style } from "../terminal.ts";
import type { WatchView } from "./state/watch.ts";

/** `file` is the pipeline as the user would name it. */
export function ending(
  { run, warnings }: WatchView,
  finished: Finished,
  file: string,
  style: Style,
): string[] {
  return [...warnings.flatMap((one) => warningLines(one, style)), ...summary(run, finished, file, style)];
}
