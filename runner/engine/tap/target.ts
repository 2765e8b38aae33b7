// What of a stream somebody may look at: what one of its sinks is given, field by field.
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { eventFormat, outputForm } from "../../plan/output-form.ts";
import type { EventFormat } from "../../plan/plan.ts";

export interface TapTarget {
  readonly stream: string;
  /** The sink whose readers' view it is. */
  readonly sink: string;
  readonly format: EventFormat;
  /** See `OutputPlan`. */
  readonly form: string;
  /** Dotted paths of the fields that hold personal values in clear, and `*` for fields that the contract does not know and lets pass. */
  readonly exposed: readonly string[];
  /** True where the field's value, with all that is in it, may be shown to anybody. */
  readonly shows: (path: string) => boolean;
  /** True where the contract has such a field: the names of others come from events, and are as private as their values. */
  readonly knows: (path: string) => boolean;
  /** True for a record, whose fields speak for themselves. */
  readonly splits: (path: string) => boolean;
}

const harmless = new Set(["open", "sealed", "masked"]);

/**
 * `step`: a sink, or a stream, of which the first sink counts. Undefined where no sink takes its events, or where the sink takes keys or refused
 * events: what nobody reads in that form nobody sees here.
 */
export function tapTarget({ steps, contracts }: JobGraph, step: string): TapTarget | undefined {
  const sink = steps
    .filter((one) => one.kind === "sink")
    .find(({ name, from, side }) => side === "events" && (name === step || from === step));
  const stream = steps.filter((one) => one.kind !== "sink").find(({ name }) => name === sink?.from);
  if (sink === undefined || stream === undefined) return undefined;
  const fields = new Map(stream.fields.map((field) => [field.path, field]));
  const records = new Set(stream.fields.flatMap(({ path }) => holdersOf(path)));
  const passes = contracts.find(({ name }) => name === stream.contract)?.unknown === "pass";
  const exposed = stream.fields.filter(({ state }) => !harmless.has(state)).map(({ path }) => path);
  return {
    stream: stream.name,
    sink: sink.name,
    format: eventFormat(sink.options),
    form: outputForm(sink.options),
    exposed: passes ? [...exposed, "*"] : exposed,
    shows: (path) => {
      const field = fields.get(path);
      if (field === undefined || !harmless.has(field.state)) return false;
      // Records in maps, and in themselves, have no paths: what the contract does not know may stand there too.
      if (passes && field.type.includes("record")) return false;
      return !exposed.some((other) => other.startsWith(`${path}.`));
    },
    knows: (path) => fields.has(path) || records.has(path),
    splits: (path) => records.has(path),
  };
}

/** `a` and `a.b` for `a.b.c`. */
function holdersOf(path: string): readonly string[] {
  const names = path.split(".").slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join("."));
}
