// Plans a whole job: for each source what is run, and what the optimizer decided.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import { compilePlans } from "./compile-plans.ts";
import { type Optimized, optimize } from "./optimize.ts";
import type { SourcePlan } from "./plan.ts";

export interface PlannedSource extends Optimized {
  /** What the optimizer was given. */
  readonly plain: SourcePlan;
}

/** In the graph's order; the graph must have passed the checker. */
export function planJob(graph: JobGraph): readonly PlannedSource[] {
  return compilePlans(graph).map((plain) => ({ plain, ...optimize(plain) }));
}

/** What a run executes: one plan for each source that some sink needs. */
export function plansToRun(graph: JobGraph): readonly SourcePlan[] {
  return planJob(graph).flatMap(({ plan }) => plan ?? []);
}
