// The steps of a run as rows of a tree, from each source to its sinks. Pure.
import type { Started } from "../../../runner/index.ts";

export interface Row {
  readonly name: string;
  readonly kind: Started["steps"][number]["kind"];
  /** What stands below what: for each level but the last, whether more follow on it; then whether this is the last of its own. */
  readonly rails: readonly boolean[];
  /** The side of the stream that a sink takes; `events` for all else. */
  readonly side: string;
}

type Steps = Started["steps"];

/** Depth first. `filter`: only steps whose name holds this text, and those they come from. */
export function rowsOf(steps: Steps, filter: string): readonly Row[] {
  const wanted = filter.toLowerCase();
  const kept = new Set<string>();
  for (const step of steps) {
    if (!step.name.toLowerCase().includes(wanted)) continue;
    for (let at: Steps[number] | undefined = step; at !== undefined; at = parentOf(steps, at))
      kept.add(at.name);
  }
  const below = (parent: string | undefined): Steps =>
    steps.filter((step) => kept.has(step.name) && parentOf(steps, step)?.name === parent);
  const rowsBelow = (parent: string | undefined, rails: readonly boolean[]): readonly Row[] =>
    below(parent).flatMap((step, i, all) => {
      const own = parent === undefined ? [] : [...rails, i === all.length - 1];
      return [
        { name: step.name, kind: step.kind, rails: own, side: sideOf(step) },
        ...rowsBelow(step.name, own),
      ];
    });
  return rowsBelow(undefined, []);
}

function parentOf(steps: Steps, { from }: Steps[number]): Steps[number] | undefined {
  if (from === null) return undefined;
  return steps.find(({ name }) => name === from) ?? steps.find(({ name }) => from.startsWith(`${name}.`));
}

/** A side stream is named so: `clicks.rejected`. */
function sideOf({ kind, from }: Steps[number]): string {
  return kind === "sink" && from !== null && /\.(rejected|keys)$/.test(from)
    ? from.slice(from.lastIndexOf(".") + 1)
    : "events";
}
