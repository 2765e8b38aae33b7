// The Avro schema of a stream's events, as it stands in files and registries.
import type { JobGraph, Json } from "../../dsl/graph/job-graph.ts";
import { sealedSchema } from "./sealed-schema.ts";

/** The contract's, for events as they were produced; with `strmMeta` as `encrypt` fills it for all others. */
export function schemaOfStream(graph: JobGraph, stream: string): Json {
  const step = graph.steps.find(({ name, kind }) => kind !== "sink" && name === stream);
  const contract = graph.contracts.find(
    ({ name }) => step !== undefined && step.kind !== "sink" && name === step.contract,
  );
  if (step === undefined || contract === undefined) throw new Error(`the job graph has no stream ${stream}`);
  return step.kind === "source" && !step.sealed ? contract.schema : sealedSchema(contract.schema);
}
