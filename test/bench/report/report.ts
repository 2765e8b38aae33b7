// What a measurement found, as text: runs, starts, what comes on top, and ratios.
import type { Case, Comparison } from "../cases/case.ts";
import type { Contender, Figure } from "../contenders/contender.ts";
import type { Figures } from "../rounds.ts";
import { type Cost, costBeyond, grossCost, type Ratio, ratiosOf } from "./costs.ts";
import { median, rounded, withSpread } from "./statistics.ts";
import { table } from "./table.ts";

export interface Measurement {
  readonly cases: readonly Case[];
  /** The cases, and whoever else took part. */
  readonly contenders: readonly Contender[];
  readonly comparisons: readonly Comparison[];
  readonly figures: Figures;
}

export function report({ cases, contenders, comparisons, figures }: Measurement): string {
  const what = new Map(cases.map((each) => [each.name, each.what]));
  const runs = contenders.filter(({ events }) => events > 1);
  const starts = contenders.filter(({ events }) => events === 1);
  const beyond = cases.flatMap((each) => {
    const cost = costBeyond(each, figures);
    return cost === undefined ? [] : [{ name: each.name, base: each.beyond?.case ?? "", cost }];
  });
  const costs = new Map([
    ...contenders.map((each): [string, Cost] => [each.name, grossCost(each, figures)]),
    ...beyond.map(({ name, cost }): [string, Cost] => [name, cost]),
  ]);
  return [
    section(
      2,
      ["run", "", "CPU µs an event", "wall s", "events/s", "MB/s", "peak MB"],
      runs.map((each) => [each.name, what.get(each.name) ?? "", ...runCells(each, figures)]),
    ),
    section(
      2,
      ["start", "", "wall ms", "first output ms", "CPU ms", "peak MB"],
      starts.map((each) => [each.name, what.get(each.name) ?? "", ...startCells(each, figures)]),
    ),
    section(
      2,
      ["on top", "of", "CPU µs an event", "wall µs an event"],
      beyond.map(({ name, base, cost }) => [
        name,
        base,
        withSpread(cost.cpuMicros),
        withSpread(cost.wallMicros),
      ]),
    ),
    section(3, ["ratio", "of", "to", "CPU", "wall"], ratiosOf(comparisons, costs).map(ratioCells)),
  ]
    .filter((text) => text !== "")
    .join("\n");
}

function section(words: number, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "" : table(words, head, rows);
}

function runCells(contender: Contender, figures: Figures): readonly string[] {
  const found = figures.get(contender.name) ?? [];
  const seconds = found.map(({ wallMs }) => wallMs / 1000);
  return [
    withSpread(grossCost(contender, figures).cpuMicros),
    withSpread(seconds),
    Math.round(contender.events / median(seconds)).toLocaleString("en"),
    rounded(contender.bytes / 1e6 / median(seconds)),
    peakMb(found),
  ];
}

function startCells({ name }: Contender, figures: Figures): readonly string[] {
  const found = figures.get(name) ?? [];
  const first = found.flatMap(({ firstOutMs }) => (firstOutMs === null ? [] : [firstOutMs]));
  return [
    withSpread(found.map(({ wallMs }) => wallMs)),
    first.length === 0 ? "–" : withSpread(first),
    withSpread(found.map(({ cpuMs }) => cpuMs)),
    peakMb(found),
  ];
}

/** The most of all rounds: a bound on memory must hold in each. */
function peakMb(figures: readonly Figure[]): string {
  const peaks = figures.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
  return peaks.length === 0 ? "–" : Math.round(Math.max(...peaks) / 1e6).toString();
}

function ratioCells({ what, of, to, cpu, wall }: Ratio): readonly string[] {
  return [what, of, to, `${withSpread(cpu)} ×`, `${withSpread(wall)} ×`];
}
