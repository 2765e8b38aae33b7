// Which source a stream comes from.
import type { GraphStep } from "../../dsl/graph/job-graph.ts";

/** The name of the source step. `stream`: the name of a source, encrypt or decrypt step. Throws where the graph lacks a step, which is a bug. */
export function sourceOf(steps: readonly GraphStep[], stream: string): string {
  const step = steps.find(({ name }) => name === stream);
  if (step === undefined) throw new Error(`the job graph lacks ${stream}`);
  return step.kind === "source" ? step.name : sourceOf(steps, step.from);
}
