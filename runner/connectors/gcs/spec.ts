// What the connector of Google Cloud Storage declares: objects in its buckets.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { objectSinkOptions } from "../objects/sink-options.ts";
import { objectSink, objectSinkExample, objectSinkTuning } from "../objects/sink-spec.ts";
import { objectSourceOptions } from "../objects/source-options.ts";
import { objectSource, objectSourceExample } from "../objects/source-spec.ts";
import { gcsConnectionOptions } from "./connection-options.ts";
import { gcsWriteOptions } from "./write-options.ts";

const sourceOptions = { ...gcsConnectionOptions, ...objectSourceOptions };
const sinkOptions = { ...gcsConnectionOptions, ...objectSinkOptions, ...gcsWriteOptions };
const credentials = ["credentials", "impersonate"] as const;
const connectionTuning = ["project", ...credentials, "request_timeout"] as const;

export const gcsSpec = {
  name: "gcs",
  summary: "Objects in Google Cloud Storage.",
  source: {
    ...objectSource,
    options: sourceOptions,
    tuning: [...connectionTuning, ...objectSource.tuning],
    example: objectSourceExample("gcs"),
  },
  sink: {
    ...objectSink,
    options: sinkOptions,
    tuning: [...connectionTuning, ...objectSinkTuning, ...Object.keys(gcsWriteOptions)],
    credentials,
    example: objectSinkExample("gcs"),
  },
} as const satisfies ConnectorSpec<typeof sourceOptions, typeof sinkOptions>;
