// Compiles a job graph to one plan a source: what is computed, which field each stream shows how, and whose keys that takes.
import type {
  DecryptStep,
  EncryptStep,
  GraphContract,
  GraphStep,
  JobGraph,
  SourceStep,
} from "../../dsl/graph/job-graph.ts";
import { lookup } from "../../dsl/schema/lookup.ts";
import { type Schema, withoutNull } from "../../dsl/schema/model.ts";
import { schemaOfJson } from "../../dsl/schema/read.ts";
import { compileShape } from "./compile-shape.ts";
import type { FieldPlan, KeyPlan, SourcePlan, Spot, StreamPlan, TimePlan } from "./plan.ts";

type StreamStep = SourceStep | EncryptStep | DecryptStep;

/**
 * One plan for each source that some sink needs, in the graph's order; the graph must have passed the checker.
 * A stream without any sink below it (of its events, rejections or keys) is not computed. Throws on a graph that breaks
 * the job graph's promises, which is a bug.
 */
export function compilePlans(graph: JobGraph): readonly SourcePlan[] {
  const needed = neededStreams(graph);
  return graph.steps
    .filter((step) => step.kind === "source")
    .filter((step) => needed.has(step.name))
    .map((source) => compilePlan(graph, source, needed));
}

/** The streams that have a sink below them: of their events, rejections or keys, or those of a stream that they feed. */
function neededStreams(graph: JobGraph): ReadonlySet<string> {
  const needed = new Set<string>();
  // Backwards, so that a step's readers have been seen when its own turn comes.
  for (const step of graph.steps.toReversed()) {
    if (step.kind === "sink" || (step.kind !== "source" && needed.has(step.name))) needed.add(step.from);
  }
  return needed;
}

function compilePlan(graph: JobGraph, source: SourceStep, needed: ReadonlySet<string>): SourcePlan {
  const contract = graph.contracts.find((each) => each.name === source.contract);
  if (contract === undefined) throw new Error(`The job graph has no contract ${source.contract}.`);
  const { schema } = schemaOfJson(contract.schema);
  if (schema === undefined) throw new Error(`The job graph's schema of ${contract.name} is no Avro record.`);
  const steps = family(graph.steps, source, needed);
  const spots = spotsOf(contract, steps);
  const keyed: KeyPlan[] = [];
  const streams: StreamPlan[] = [];
  const written = new Set(
    graph.steps.flatMap((step) => (step.kind === "sink" && step.side === "events" ? [step.from] : [])),
  );
  for (const step of steps) {
    const from = step.kind === "source" ? -1 : streams.findIndex((each) => each.name === step.from);
    const draft = { name: step.name, kind: step.kind, from, written: written.has(step.name) };
    streams.push({ ...draft, ...shown(step, streams[from], source.sealed, spots, keyed) });
  }
  const seals = steps.some((step) => step.kind === "encrypt");
  const time = timePlan(contract, schema, source.sealed);
  return {
    source: source.name,
    contract: contract.ref,
    sealed: source.sealed,
    unknown: contract.unknown,
    shape: compileShape(contract, schema, { sealed: source.sealed, seals, spots }),
    spots,
    consent: consentPlan(graph, contract, source.sealed),
    time,
    timestampIsTime: time.kind === "epoch" && time.unitsPerMs === 1 && time.path === "strmMeta.timestamp",
    streams,
    keyed,
  };
}

/** The needed streams of a source, itself first. */
function family(
  steps: readonly GraphStep[],
  source: SourceStep,
  needed: ReadonlySet<string>,
): readonly StreamStep[] {
  const names = new Set([source.name]);
  const found: StreamStep[] = [source];
  for (const step of steps) {
    if (
      (step.kind === "encrypt" || step.kind === "decrypt") &&
      names.has(step.from) &&
      needed.has(step.name)
    ) {
      names.add(step.name);
      found.push(step);
    }
  }
  return found;
}

function spotsOf(contract: GraphContract, steps: readonly StreamStep[]): readonly Spot[] {
  const spots: Spot[] = contract.personal.map(({ path, purpose }) => ({ path, purpose }));
  const masked = steps.flatMap((step) => (step.kind === "decrypt" ? step.mask : []));
  for (const path of masked) {
    if (!spots.some((spot) => spot.path === path)) spots.push({ path });
  }
  return spots;
}

type Shown = Pick<StreamPlan, "gate" | "sealer" | "fields" | "opens">;

/** What a step makes of the stream it reads; adds to `keyed` what it needs keys for. */
function shown(
  step: StreamStep,
  above: StreamPlan | undefined,
  sealedSource: boolean,
  spots: readonly Spot[],
  keyed: KeyPlan[],
): Shown {
  if (step.kind === "source") {
    return { gate: [], sealer: -1, fields: spots.map(() => ({ value: "kept" })), opens: [] };
  }
  if (above === undefined) throw new Error(`The job graph lists ${step.name} before ${step.from}.`);
  if (step.kind === "encrypt") {
    keyed.push({ step: step.name, kind: "value", scheme: step.scheme, rotate: step.rotate });
    const fields = spots.map(
      ({ purpose }): FieldPlan => ({ value: purpose === undefined ? "kept" : "sealed" }),
    );
    return { gate: above.gate, sealer: keyed.length - 1, fields, opens: [] };
  }
  const opens: number[] = [];
  let opener = -1;
  const fields = spots.map((spot, index): FieldPlan => {
    const before = above.fields[index] ?? { value: "kept" };
    let after = before;
    if (spot.purpose !== undefined && step.purposes.includes(spot.purpose) && before.mask === undefined) {
      // What the same job sealed is taken from the event; only what was sealed elsewhere has to be opened.
      if (before.value === "sealed") after = { value: "kept" };
      if (sealedSource && before.value === "kept") {
        if (opener < 0) opener = openerOf(step, keyed);
        after = { value: "opened", opener };
        opens.push(index);
      }
    }
    return step.mask.includes(spot.path) ? { ...after, mask: step.name } : after;
  });
  const gate = [...new Set([...above.gate, ...step.purposes])].sort((a, b) => a - b);
  return { gate, sealer: above.sealer, fields, opens };
}

/** Each decrypt step that opens asks for links by itself: two of them may read two stores. */
function openerOf(step: DecryptStep, keyed: KeyPlan[]): number {
  return keyed.push({ step: step.name, kind: "link", scheme: step.scheme }) - 1;
}

function consentPlan(graph: JobGraph, contract: GraphContract, sealed: boolean): SourcePlan["consent"] {
  const declared = graph.purposes.map((purpose) => purpose.level);
  if (sealed) return { path: "strmMeta.consentLevels", cumulative: false, declared };
  const { path, cumulative, map, otherwise } = contract.consent;
  return {
    path,
    cumulative,
    declared,
    ...(map === undefined ? {} : { map }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function timePlan(contract: GraphContract, schema: Schema, sealed: boolean): TimePlan {
  if (sealed) return { kind: "epoch", path: "strmMeta.timestamp", unitsPerMs: 1 };
  if (contract.time === undefined) return { kind: "reading" };
  const { path, format, zone } = contract.time;
  if (format !== undefined) return { kind: "text", path, format, zone: zone ?? "UTC" };
  const found = lookup(schema, path);
  const type = found.kind === "found" ? withoutNull(found.type.type).type : undefined;
  const logicalType = type?.kind === "long" ? type.logicalType : undefined;
  return { kind: "epoch", path, unitsPerMs: logicalType?.endsWith("timestamp-micros") === true ? 1000 : 1 };
}
