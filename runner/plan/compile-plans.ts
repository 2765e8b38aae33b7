// Compiles a job graph to one plain plan a source: which field each stream shows how, and whose keys that takes.
import type {
  DecryptStep,
  EncryptStep,
  GraphContract,
  GraphStep,
  JobGraph,
  OptionValues,
  SourceStep,
} from "../../dsl/graph/job-graph.ts";
import { lookup } from "../../dsl/schema/lookup.ts";
import { type Schema, withoutNull } from "../../dsl/schema/model.ts";
import { schemaOfJson } from "../../dsl/schema/read.ts";
import { compileAvro } from "./compile-avro.ts";
import { compileShape } from "./compile-shape.ts";
import { type CsvPlan, csvColumns, csvDialect } from "./csv-plan.ts";
import { droppedPaths, keptSchema } from "./kept-schema.ts";
import { eventFormat, outputForm } from "./output-form.ts";
import type {
  FieldPlan,
  KeyPlan,
  MaskPlan,
  OutputPlan,
  SourcePlan,
  Spot,
  StreamPlan,
  TimePlan,
} from "./plan.ts";
import { schemaOfStream } from "./stream-schema.ts";

type StreamStep = SourceStep | EncryptStep | DecryptStep;

/**
 * The plain plan of each source, in the graph's order: every stream is computed, every encrypt seals, and every decrypt opens.
 * The graph must have passed the checker. Throws on a graph that breaks the job graph's promises, which is a bug.
 */
export function compilePlans(graph: JobGraph): readonly SourcePlan[] {
  return graph.steps.filter((step) => step.kind === "source").map((source) => compilePlan(graph, source));
}

function compilePlan(graph: JobGraph, source: SourceStep): SourcePlan {
  const contract = graph.contracts.find((each) => each.name === source.contract);
  if (contract === undefined) throw new Error(`The job graph has no contract ${source.contract}.`);
  const dropped = droppedPaths(contract);
  const { schema } = schemaOfJson(contract.schema);
  const { schema: kept } = schemaOfJson(keptSchema(contract));
  if (schema === undefined || kept === undefined)
    throw new Error(`The job graph's schema of ${contract.name} is no Avro record.`);
  const steps = family(graph.steps, source);
  const spots = spotsOf(contract, steps);
  const draft: Draft = { sealedSource: source.sealed, spots, streams: [], keyed: [], masks: [] };
  for (const step of steps) draft.streams.push(streamOf(step, takenOf(graph, step.name), draft));
  const time = timePlan(contract, schema, source.sealed);
  const format = eventFormat(source.options) === "avro" ? "avro" : "json";
  const avro = draft.streams.some(({ outputs }) => outputs.some((output) => output.format === "avro"));
  const wish = {
    sealed: source.sealed,
    seals: steps.some((step) => step.kind === "encrypt"),
    avro,
    spots,
    dropped,
  };
  return {
    source: source.name,
    format,
    contract: contract.ref,
    sealed: source.sealed,
    unknown: contract.unknown,
    shape: compileShape(contract, schema, wish),
    ...((avro || format === "avro") && {
      avro: compileAvro(contract, schema, kept, wish, format === "avro"),
    }),
    spots,
    consent: consentPlan(graph, contract, source.sealed),
    time,
    timestampIsTime: time.kind === "epoch" && time.unitsPerMs === 1 && time.path === "strmMeta.timestamp",
    streams: draft.streams,
    keyed: draft.keyed,
    masks: draft.masks,
  };
}

/** The streams of a source, itself first. */
function family(steps: readonly GraphStep[], source: SourceStep): readonly StreamStep[] {
  const names = new Set([source.name]);
  const found: StreamStep[] = [source];
  for (const step of steps) {
    if ((step.kind === "encrypt" || step.kind === "decrypt") && names.has(step.from)) {
      names.add(step.name);
      found.push(step);
    }
  }
  return found;
}

type Taken = Pick<StreamPlan, "sinks" | "outputs">;

/** What the sinks of a stream take of it, and in which forms. */
function takenOf(graph: JobGraph, stream: string): Taken {
  const sinks = graph.steps.filter((step) => step.kind === "sink").filter(({ from }) => from === stream);
  const events = sinks.filter(({ side }) => side === "events");
  const forms = Map.groupBy(events, ({ options }) => outputForm(options));
  return {
    sinks: [...new Set(sinks.map(({ side }) => side))],
    outputs: [...forms].map(([form, [first, ...others]]): OutputPlan => {
      const format = eventFormat(first?.options ?? {});
      const records = [first, ...others].some((sink) => sink?.records === true);
      return {
        format,
        form,
        framed: format === "avro" || records,
        ...(format === "csv" && { csv: csvPlan(graph, stream, first?.options ?? {}) }),
      };
    }),
  };
}

function csvPlan(graph: JobGraph, stream: string, options: OptionValues): CsvPlan {
  const { schema } = schemaOfJson(schemaOfStream(graph, stream));
  if (schema === undefined) throw new Error(`The job graph's schema of ${stream} is no Avro record.`);
  return { ...csvDialect(options), columns: csvColumns(schema.root) };
}

function spotsOf(contract: GraphContract, steps: readonly StreamStep[]): readonly Spot[] {
  const spots: Spot[] = contract.personal.map(({ path, purpose }) => ({ path, purpose }));
  const masked = steps.flatMap((step) => (step.kind === "decrypt" ? step.mask : []));
  for (const path of masked) {
    if (!spots.some((spot) => spot.path === path)) spots.push({ path });
  }
  return spots;
}

/** A source's streams while they are gathered. */
interface Draft {
  readonly sealedSource: boolean;
  readonly spots: readonly Spot[];
  readonly streams: StreamPlan[];
  readonly keyed: KeyPlan[];
  readonly masks: MaskPlan[];
}

function streamOf(step: StreamStep, taken: Taken, draft: Draft): StreamPlan {
  const { name, kind } = step;
  if (step.kind === "source") {
    const fields = draft.spots.map((): FieldPlan => ({ value: "kept" }));
    return { name, kind, from: -1, ...taken, gate: [], sealer: -1, fields, seals: [], opens: [] };
  }
  const from = draft.streams.findIndex((each) => each.name === step.from);
  const above = draft.streams[from];
  if (above === undefined) throw new Error(`The job graph lists ${step.name} before ${step.from}.`);
  const made = step.kind === "encrypt" ? sealing(step, above, draft) : opening(step, above, draft);
  return { name, kind, from, ...taken, ...made };
}

type Made = Pick<StreamPlan, "gate" | "sealer" | "fields" | "seals" | "opens">;

function sealing(step: EncryptStep, above: StreamPlan, { spots, keyed }: Draft): Made {
  const { name, keys, scheme, rotate } = step;
  const sealer = keyed.push({ step: name, kind: "value", keys, scheme, rotate }) - 1;
  const fields = spots.map(
    ({ purpose }): FieldPlan => ({ value: purpose === undefined ? "kept" : "sealed" }),
  );
  const seals = [...spots.keys()].filter((spot) => fields[spot]?.value === "sealed");
  return { gate: above.gate, sealer, fields, seals, opens: [] };
}

function opening(step: DecryptStep, above: StreamPlan, draft: Draft): Made {
  const { spots, masks } = draft;
  const isOpened = (spot: number): boolean => {
    const purpose = spots[spot]?.purpose;
    const before = above.fields[spot];
    const sealed = before?.value === "sealed" || (draft.sealedSource && before?.value === "kept");
    return purpose !== undefined && step.purposes.includes(purpose) && sealed && before?.mask === undefined;
  };
  const opens = [...spots.keys()].filter(isOpened);
  const opener = opens.length === 0 ? -1 : openerOf(step, above, draft);
  const mask =
    step.mask.length === 0 ? -1 : masks.push({ step: step.name, algorithm: step.maskAlgorithm }) - 1;
  const fields = above.fields.map((before, spot): FieldPlan => {
    const after = opens.includes(spot) ? { value: "opened" as const, opener } : before;
    return step.mask.includes(spots[spot]?.path ?? "") ? { ...after, mask } : after;
  });
  const gate = [...new Set([...above.gate, ...step.purposes])].sort((a, b) => a - b);
  return { gate, sealer: above.sealer, fields, seals: [], opens };
}

/** What was sealed elsewhere is opened by the link it names, and what the job sealed itself by the link it was sealed with. */
function openerOf({ name, keys, scheme }: DecryptStep, above: StreamPlan, { keyed }: Draft): number {
  return above.sealer >= 0 ? above.sealer : keyed.push({ step: name, kind: "link", keys, scheme }) - 1;
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
