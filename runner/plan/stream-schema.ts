// The Avro schema of a stream's events, as it stands in files and registries.
import type { JobGraph, Json } from "../../dsl/graph/job-graph.ts";
import { sealedSchema } from "./sealed-schema.ts";

/**
 * The contract's, for events as they were produced; for all others with `strmMeta` as `encrypt` fills it, and without a logical type
 * where a text is sealed or masked. Throws where the graph has no such stream, which is a bug.
 */
export function schemaOfStream(graph: JobGraph, stream: string): Json {
  const step = graph.steps.filter((one) => one.kind !== "sink").find(({ name }) => name === stream);
  const contract = graph.contracts.find(({ name }) => name === step?.contract);
  if (step === undefined || contract === undefined) throw new Error(`the job graph has no stream ${stream}`);
  if (step.kind === "source" && !step.sealed) return contract.schema;
  const changed = step.fields.filter(({ state }) => state === "sealed" || state === "masked");
  return sealedSchema(
    contract.schema,
    changed.map(({ path }) => path),
  );
}
