// What a replay runs: for each step that refused events, the part of the pipeline from that step on.
import type { GraphStep, JobGraph } from "../../../dsl/graph/job-graph.ts";
import type { LaneWish } from "../parts.ts";
import { sourceOf } from "../source-of.ts";

/** Sets a replay's positions apart from those of the sources. */
const PREFIX = "quarantine>";

/** The lane that brings a step's refused events back to it. */
export const replayLane = (step: string): string => `${PREFIX}${step}`;

export interface ReplayWish extends LaneWish {
  /** The step that refused the events. */
  readonly step: string;
}

/**
 * One for each of `steps` that the graph has; a name that it lacks is left out. The steps above have dealt with the events already, and
 * so have their other readers: only sinks of the step itself and of what stands below it get anything.
 */
export function replayWishes(graph: JobGraph, steps: readonly string[]): readonly ReplayWish[] {
  return graph.steps.flatMap((step) => {
    if (!steps.includes(step.name) || step.kind === "sink") return [];
    const below = belowOf(graph.steps, step.name);
    const kept = graph.steps.filter((each) => each.kind !== "sink" || below.has(each.from));
    return [
      {
        lane: replayLane(step.name),
        step: step.name,
        source: sourceOf(graph.steps, step.name),
        graph: { ...graph, steps: kept },
        counted: below,
      },
    ];
  });
}

/** The step and the streams that are made of it. */
function belowOf(steps: readonly GraphStep[], name: string): ReadonlySet<string> {
  const below = new Set([name]);
  for (const step of steps) {
    if (step.kind !== "source" && step.kind !== "sink" && below.has(step.from)) below.add(step.name);
  }
  return below;
}
