// In what form a sink is given events: sinks of one stream that ask for the same share an output.
import type { OptionValues } from "../../dsl/spec/option-value.ts";
import { csvDialect } from "./csv-plan.ts";
import type { EventFormat } from "./plan.ts";

export function eventFormat({ format }: OptionValues): EventFormat {
  return format === "avro" || format === "csv" ? format : "json";
}

/** The format, with the signs of CSV where it is that. */
export function outputForm(options: OptionValues): string {
  const format = eventFormat(options);
  return format === "csv" ? `csv ${JSON.stringify(csvDialect(options))}` : format;
}
