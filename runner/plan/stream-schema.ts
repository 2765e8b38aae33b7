// The Avro schema of a stream's events, as it stands in files and registries.
import type { JobGraph, Json, SourceStep } from "../../dsl/graph/job-graph.ts";
import { keptSchema } from "./kept-schema.ts";
import { sealedSchema } from "./sealed-schema.ts";

/** What a source's events come as: raw ones with the fields that no stream has. */
export function schemaOfSource(graph: JobGraph, { name, sealed, contract: of }: SourceStep): Json {
  if (sealed) return schemaOfStream(graph, name);
  const contract = graph.contracts.find((one) => one.name === of);
  if (contract === undefined) throw new Error(`the job graph has no contract ${of}`);
  return contract.schema;
}

/**
 * The contract's, but for the fields that it drops, for events as they were produced; for all others with `strmMeta` as `encrypt` fills it, and without a logical type
 * where a text is sealed or masked. Throws where the graph has no such stream, which is a bug.
 */
export function schemaOfStream(graph: JobGraph, stream: string): Json {
  const step = graph.steps.filter((one) => one.kind !== "sink").find(({ name }) => name === stream);
  const contract = graph.contracts.find(({ name }) => name === step?.contract);
  if (step === undefined || contract === undefined) throw new Error(`the job graph has no stream ${stream}`);
  const kept = keptSchema(contract);
  if (step.kind === "source" && !step.sealed) return kept;
  const changed = step.fields.filter(({ state }) => state === "sealed" || state === "masked");
  return sealedSchema(
    kept,
    changed.map(({ path }) => path),
  );
}
