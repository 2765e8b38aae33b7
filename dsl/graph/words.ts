// Words for the parts of a graph that its printers share.
import type { FieldState, GraphStep, JobGraph } from "./job-graph.ts";

/** Names of purposes in a sentence: `functional and analytics`; levels without a name as `levels 0 to 4 and level 7`. */
export function purposeNames(graph: JobGraph, levels: readonly number[]): string {
  const names = new Map(graph.purposes.map(({ level, name }) => [level, name]));
  const parts: string[] = [];
  let runStart: number | undefined;
  for (const [i, level] of levels.entries()) {
    const name = names.get(level);
    const next = levels[i + 1];
    if (name !== undefined) parts.push(name);
    else if (next === level + 1 && !names.has(next)) runStart ??= level;
    else {
      parts.push(runStart === undefined ? `level ${level}` : `levels ${runStart} to ${level}`);
      runStart = undefined;
    }
  }
  return listText(parts);
}

/** `a`, `a and b`, `a, b and c` */
export function listText(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** `24h`, `30d`, `90s`: the largest unit that fits evenly. */
export function durationText(valueMs: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const;
  const fit = units.find(([unit, sizeMs]) => valueMs % sizeMs === 0 && (unit !== "d" || valueMs > sizeMs));
  return fit === undefined ? `${valueMs}ms` : `${valueMs / fit[1]}${fit[0]}`;
}

/** The step that a step reads from; undefined for sources. */
export function upstreamOf(step: GraphStep): string | undefined {
  return step.kind === "source" ? undefined : step.from;
}

/** Fields of one state, in the stream's order; a record stands for its fields and is left out where they are listed. */
export function fieldsIn(fields: readonly FieldState[], state: FieldState["state"]): readonly FieldState[] {
  const parents = new Set(fields.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf(".")))));
  return fields.filter((field) => field.state === state && !parents.has(field.path));
}

/** One sentence about a step. */
export function stepText(graph: JobGraph, step: GraphStep): string {
  switch (step.kind) {
    case "source":
      return `${step.sealed ? "sealed events" : "events"} of ${step.contract} from ${step.connector}`;
    case "encrypt": {
      const window =
        step.rotate.kind === "daily" ? "UTC day" : `window of ${durationText(step.rotate.spanMs)}`;
      return `sealed with keys of ${step.keys}, new ones for each ${window} (${step.scheme})`;
    }
    case "decrypt": {
      const mask = step.mask.length === 0 ? "" : `, ${listText(step.mask)} masked`;
      return `opened for ${purposeNames(graph, step.purposes)} (${step.mode})${mask}`;
    }
    case "sink": {
      const what = { events: "", rejected: "rejected events ", keys: "data keys " }[step.side];
      return `${what}into ${step.connector}${step.exposing === undefined ? "" : `, EXPOSING personal values: ${step.exposing.replace(/\s+/g, " ")}`}`;
    }
  }
}
