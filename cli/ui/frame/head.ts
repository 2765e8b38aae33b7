// The first lines of every page: which run, how it goes, and whatever is not as it should be.
import { retryInWords } from "../../output/retry.ts";
import { thisRun } from "../../output/state.ts";
import { bytes, count, counted, duration, printable } from "../../output/units.ts";
import { rateOf } from "../state/history.ts";
import { type Screen, seen } from "../state/screen.ts";
import type { WatchView } from "../state/watch.ts";
import type { Canvas } from "./canvas.ts";
import { apart, type Line, type Piece, plain, toned } from "./line.ts";
import { short } from "./numbers.ts";

export function headLines(screen: Screen, { columns }: Canvas): readonly Line[] {
  const view = seen(screen);
  const { promise } = screen.facts;
  const right = promise === undefined ? [] : [toned("dim", promise)];
  return [
    apart(titleOf(screen, view), right, columns),
    factsOf(view),
    ...lostLines(screen),
    ...troublesOf(view),
  ];
}

function titleOf(screen: Screen, view: WatchView): Line {
  const { run, nowMs, startedMs } = view;
  const { ledger } = run;
  const state = screen.frozen === undefined ? doing(screen) : toned("warn", "frozen (p goes on)");
  const name = run.pipeline === "" ? "a run" : printable(run.pipeline);
  const title = [toned("strong", name), plain("  "), state];
  if (ledger === undefined) return title;
  const { read, readBytes, replayed } = thisRun(run, ledger);
  const sources = run.steps.filter(({ kind }) => kind === "source");
  const rate = sources.reduce((sum, { name }) => sum + rateOf(view.history, name, nowMs), 0);
  const done = run.replays ? `${count(replayed)} replayed` : `${short(read, 13)} read, ${bytes(readBytes)}`;
  // What the run does now nobody knows while it is lost.
  if (screen.lost !== undefined) return [...title, plain(`  ${done}`)];
  return [...title, plain(`  ${duration(Math.max(0, nowMs - startedMs))}  ${done}  ${count(rate)}/s`)];
}

function doing({ lost, view: { run, nowMs } }: Screen): Piece {
  if (lost !== undefined)
    return toned("warn", `lost the run ${since(nowMs - lost.sinceMs)} ago, trying again`);
  if (run.failed !== undefined) return toned("bad", "failed");
  if (run.stopping !== undefined) return toned("warn", "stopping: delivering what was read");
  if (run.ledger === undefined) return toned("dim", "starting");
  return run.replays ? toned("good", "replaying") : toned("good", "running");
}

/** In whole seconds: it is counted up before one's eyes. */
function since(spanMs: number): string {
  return spanMs < 60_000 ? `${Math.max(0, Math.floor(spanMs / 1000))} s` : duration(spanMs);
}

function lostLines({ lost }: Screen): readonly Line[] {
  return lost === undefined ? [] : [[toned("warn", "lost:"), plain(` it ${printable(lost.why)}`)]];
}

function factsOf({ run, nowMs, checkpointMs, keysMade }: WatchView): Line {
  const keys = Object.values(keysMade).reduce((sum, { created }) => sum + created, 0);
  const rotated = Object.values(keysMade).reduce((sum, made) => sum + made.rotated, 0);
  const since = checkpointMs === 0 ? "" : `, ${duration(nowMs - checkpointMs)} ago`;
  const facts = [
    run.checkpoint === 0 ? "no checkpoint yet" : `checkpoint ${count(run.checkpoint)}${since}`,
    `${counted(keys, "key")} made, ${count(rotated)} rotated`,
    ...(run.ledger === undefined ? [] : [`memory ${bytes(run.ledger.resident_bytes)}`]),
  ];
  return [toned("dim", facts.join("  "))];
}

function troublesOf({ run, warnings }: WatchView): readonly Line[] {
  const last = warnings.at(-1);
  return [
    ...(run.failed === undefined
      ? []
      : [[toned("bad", `error[${run.failed.code}]:`), plain(` ${printable(run.failed.message)}`)]]),
    ...run.retrying.map((one) => [toned("warn", "retry:"), plain(` ${retryInWords(one)}`)]),
    ...(last === undefined ? [] : [[toned("warn", "warning:"), plain(` ${printable(last.message)}`)]]),
  ];
}
