// Drops the streams that no sink needs.
import type { SourcePlan, StreamPlan } from "../plan.ts";
import { listed, type Passed, them } from "./pass.ts";

/** The indexes of the streams that have a sink: of their own, or below them. */
export function neededStreams({ streams }: SourcePlan): ReadonlySet<number> {
  const needed = new Set<number>();
  // Backwards, so that a stream's readers have been seen when its own turn comes.
  for (const [index, { sinks, from }] of [...streams.entries()].toReversed()) {
    if (sinks.length > 0) needed.add(index);
    if (needed.has(index) && from >= 0) needed.add(from);
  }
  return needed;
}

/** For a plan whose source is needed. */
export function dropStreams(plan: SourcePlan): Passed {
  const needed = neededStreams(plan);
  const dropped = plan.streams.filter((_, index) => !needed.has(index));
  if (dropped.length === 0) return { plan, decisions: [] };
  const steps = dropped.map(({ name }) => name);
  const sentence = `${listed(steps)} ${steps.length === 1 ? "is" : "are"} not computed, since no sink takes anything of ${them(steps)}, directly or further down.`;
  return {
    plan: keepStreams(plan, needed),
    decisions: [{ pass: "drop-streams", steps, fields: [], sentence }],
  };
}

/** The plan with those streams alone, and what they need. */
function keepStreams(plan: SourcePlan, needed: ReadonlySet<number>): SourcePlan {
  const kept = plan.streams.filter((_, index) => needed.has(index));
  const names = new Set(kept.map(({ name }) => name));
  const streamAt = places(plan.streams, (_, index) => needed.has(index));
  const keyAt = places(plan.keyed, ({ step }) => names.has(step));
  const maskAt = places(plan.masks, ({ step }) => names.has(step));
  const streams = kept.map(
    (stream): StreamPlan => ({
      ...stream,
      from: streamAt(stream.from),
      sealer: keyAt(stream.sealer),
      fields: stream.fields.map((field) => ({
        ...field,
        ...(field.opener === undefined ? {} : { opener: keyAt(field.opener) }),
        ...(field.mask === undefined ? {} : { mask: maskAt(field.mask) }),
      })),
    }),
  );
  return {
    ...plan,
    streams,
    keyed: plan.keyed.filter(({ step }) => names.has(step)),
    masks: plan.masks.filter(({ step }) => names.has(step)),
  };
}

/** Where each item stands once only the kept ones are left; -1 stays -1. */
function places<T>(items: readonly T[], keep: (item: T, index: number) => boolean): (at: number) => number {
  let next = 0;
  const found = items.map((item, index) => (keep(item, index) ? next++ : -1));
  return (at) => found[at] ?? -1;
}
