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

const sideName = /\.(?:rejected|keys)$/;

/** Depth first. `filter`: only steps whose name holds this text, and those they come from. */
export function rowsOf(steps: Steps, filter: string): readonly Row[] {
  const wanted = filter.toLowerCase();
  const names = new Set(steps.map(({ name }) => name));
  const parents = new Map(steps.map((step) => [step.name, parentOf(names, step)]));
  const kept = new Set<string>();
  for (const step of steps) {
    if (!step.name.toLowerCase().includes(wanted)) continue;
    for (let at: string | undefined = step.name; at !== undefined && !kept.has(at); at = parents.get(at))
      kept.add(at);
  }
  const below = Map.groupBy(
    steps.filter(({ name }) => kept.has(name)),
    ({ name }) => parents.get(name),
  );
  const rowsBelow = (parent: string | undefined, rails: readonly boolean[]): readonly Row[] =>
    (below.get(parent) ?? []).flatMap((step, i, all) => {
      const own = parent === undefined ? [] : [...rails, i === all.length - 1];
      return [
        { name: step.name, kind: step.kind, rails: own, side: sideOf(step) },
        ...rowsBelow(step.name, own),
      ];
    });
  return rowsBelow(undefined, []);
}

/** A side stream comes from the step that it is named after. */
function parentOf(names: ReadonlySet<string>, { from }: Steps[number]): string | undefined {
  if (from === null) return undefined;
  return [from, from.replace(sideName, "")].find((name) => names.has(name));
}

/** A side stream is named so: `clicks.rejected`. */
function sideOf({ kind, from }: Steps[number]): string {
  return kind === "sink" && from !== null && sideName.test(from)
    ? from.slice(from.lastIndexOf(".") + 1)
    : "events";
}
