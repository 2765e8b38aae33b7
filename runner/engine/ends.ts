// What sources and sinks know of where they stand, as progress tells it: bounded, however many partitions there are.
import type { Reached } from "../connectors/delivery.ts";
import type { StepOffsets } from "./events.ts";
import type { Ends } from "./reporter.ts";
import type { Sinks } from "./sinks.ts";
import type { SteadySource } from "./steady-source.ts";

/** Progress comes twice a second and is a line in logs. */
const MOST_PARTITIONS = 64;

export function endsOf(
  sources: ReadonlyMap<string, Pick<SteadySource, "behind" | "reached">>,
  sinks: Pick<Sinks, "reached">,
): Ends {
  const behind = [...sources].flatMap(([step, source]) => {
    const backlog = source.behind();
    return backlog === undefined ? [] : [{ source: step, ...backlog }];
  });
  const read = [...sources].map(([step, source]) => ({ step, reached: source.reached() }));
  return { behind, offsets: [...read, ...sinks.reached()].flatMap(offsetsOf) };
}

/** None of a step that has not reached anything. */
function offsetsOf({
  step,
  reached = [],
}: {
  step: string;
  reached: readonly Reached[] | undefined;
}): readonly StepOffsets[] {
  if (reached.length === 0) return [];
  const partitions = reached.slice(0, MOST_PARTITIONS);
  return [{ step, partitions, others: reached.length - partitions.length }];
}
