// What the gcs connector declares: objects in a bucket of Google Cloud Storage, read in the order of their keys.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { objectSourceOptions } from "../objects/source-options.ts";
import { objectSource } from "../objects/source-spec.ts";
import { gcsConnectionOptions } from "./connection-options.ts";

const sourceOptions = { ...gcsConnectionOptions, ...objectSourceOptions };

/** As whom the bucket is reached, and how. */
const connectionTuning = ["project", "credentials", "impersonate", "request_timeout"];

export const gcsSpec = {
  name: "gcs",
  summary: "Objects in a bucket of Google Cloud Storage.",
  source: {
    ...objectSource,
    options: sourceOptions,
    tuning: [...objectSource.tuning, ...connectionTuning],
    example: `source clicks of clickstream from gcs {
  bucket  = "exports"
  prefix  = "clicks"
  pattern = "**/*.jsonl.gz"
}`,
  },
} as const satisfies ConnectorSpec<typeof sourceOptions>;
