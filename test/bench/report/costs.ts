// What one event costs in each round, and how costs of the same rounds compare.
import type { Case, Comparison } from "../cases/case.ts";
import type { Contender, Figure } from "../contenders/contender.ts";
import type { Figures } from "../rounds.ts";

/** Microseconds an event, one number a round. */
export interface Cost {
  readonly cpuMicros: readonly number[];
  readonly wallMicros: readonly number[];
}

export interface Ratio extends Comparison {
  readonly cpu: readonly number[];
  readonly wall: readonly number[];
}

/** All that was taken, for each event. */
export function grossCost({ name, events }: Contender, figures: Figures): Cost {
  return costOf(figures.get(name) ?? [], events);
}

/** What was taken beyond the case that it builds on; undefined where it builds on none. */
export function costBeyond({ name, beyond }: Case, figures: Figures): Cost | undefined {
  if (beyond === undefined) return undefined;
  const base = figures.get(beyond.case) ?? [];
  const more = (figures.get(name) ?? []).map((figure, round) => ({
    cpuMs: figure.cpuMs - (base[round]?.cpuMs ?? Number.NaN),
    wallMs: figure.wallMs - (base[round]?.wallMs ?? Number.NaN),
  }));
  return costOf(more, beyond.events);
}

/** Comparisons whose two sides were both measured, by `costs`. */
export function ratiosOf(
  comparisons: readonly Comparison[],
  costs: ReadonlyMap<string, Cost>,
): readonly Ratio[] {
  return comparisons.flatMap((comparison): readonly Ratio[] => {
    const of = costs.get(comparison.of);
    const to = costs.get(comparison.to);
    if (of === undefined || to === undefined) return [];
    return [
      {
        ...comparison,
        cpu: quotients(of.cpuMicros, to.cpuMicros),
        wall: quotients(of.wallMicros, to.wallMicros),
      },
    ];
  });
}

function costOf(figures: readonly Pick<Figure, "cpuMs" | "wallMs">[], events: number): Cost {
  return {
    cpuMicros: figures.map(({ cpuMs }) => (cpuMs * 1000) / events),
    wallMicros: figures.map(({ wallMs }) => (wallMs * 1000) / events),
  };
}

function quotients(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((value, round) => value / (to[round] ?? Number.NaN));
}
