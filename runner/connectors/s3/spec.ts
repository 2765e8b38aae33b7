// What the s3 connector declares: objects in a bucket of S3, read in the order of their keys.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { objectSourceOptions } from "../objects/source-options.ts";
import { objectSource } from "../objects/source-spec.ts";
import { s3ConnectionOptions } from "./connection-options.ts";

const sourceOptions = { ...s3ConnectionOptions, ...objectSourceOptions };

/** As whom the bucket is reached, and how. */
const connectionTuning = [
  "region",
  "path_style",
  "credentials",
  "profile",
  "role",
  "role_external_id",
  "request_timeout",
];

export const s3Spec = {
  name: "s3",
  summary: "Objects in a bucket of Amazon S3, or of a store that speaks its protocol.",
  source: {
    ...objectSource,
    options: sourceOptions,
    tuning: [...objectSource.tuning, ...connectionTuning],
    example: `source clicks of clickstream from s3 {
  bucket  = "exports"
  prefix  = "clicks"
  pattern = "**/*.jsonl.gz"
}`,
  },
} as const satisfies ConnectorSpec<typeof sourceOptions>;
