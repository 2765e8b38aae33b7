// What every file of events begins with: the names of its columns, where it has any.
import type { Json, SinkStep } from "../../dsl/graph/job-graph.ts";
import { schemaOfJson } from "../../dsl/schema/read.ts";
import { columnName, csvColumns, csvDialect, csvHasHeader } from "../plan/csv-plan.ts";
import { eventFormat } from "../plan/output-form.ts";

/** Empty for other formats than CSV, and where the sink wants none. `schema`: the stream's. */
export function eventHeader({ side, options }: SinkStep, schema: Json | undefined): string {
  if (side !== "events" || eventFormat(options) !== "csv" || !csvHasHeader(options)) return "";
  const root = schema === undefined ? undefined : schemaOfJson(schema).schema?.root;
  if (root === undefined) throw new Error("a sink of CSV has no schema");
  return `${csvColumns(root).map(columnName).join(csvDialect(options).delimiter)}\n`;
}
