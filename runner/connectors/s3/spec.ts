// What the S3 connector declares: objects in buckets of Amazon S3, and of stores that speak its protocol.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { objectSinkOptions } from "../objects/sink-options.ts";
import { objectSink, objectSinkExample, objectSinkTuning } from "../objects/sink-spec.ts";
import { objectSourceOptions } from "../objects/source-options.ts";
import { objectSource, objectSourceExample } from "../objects/source-spec.ts";
import { s3ConnectionOptions } from "./connection-options.ts";
import { s3WriteOptions } from "./write-options.ts";

const sourceOptions = { ...s3ConnectionOptions, ...objectSourceOptions };
const sinkOptions = { ...s3ConnectionOptions, ...objectSinkOptions, ...s3WriteOptions };
const credentials = ["credentials", "profile", "role", "role_external_id"] as const;
const connectionTuning = ["region", "path_style", ...credentials, "request_timeout"] as const;

export const s3Spec = {
  name: "s3",
  summary: "Objects in Amazon S3, and in stores that speak its protocol.",
  source: {
    ...objectSource,
    options: sourceOptions,
    tuning: [...connectionTuning, ...objectSource.tuning],
    example: objectSourceExample("s3"),
  },
  sink: {
    ...objectSink,
    options: sinkOptions,
    tuning: [...connectionTuning, ...objectSinkTuning, ...Object.keys(s3WriteOptions)],
    credentials,
    example: objectSinkExample("s3"),
  },
} as const satisfies ConnectorSpec<typeof sourceOptions, typeof sinkOptions>;
