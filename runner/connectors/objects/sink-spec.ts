// What all sinks of objects declare alike, whatever store they write to.
import type { SinkRecovery } from "../../../dsl/spec/connector-spec.ts";

const recovery: readonly SinkRecovery[] = [
  {
    kind: "exact",
    why: "where an object ends is recorded in the state folder before it is uploaded, its name tells where its events come from, and a write that is refused because the object is there is compared with it; what is not uploaded yet stands in the state folder, which has to be kept",
  },
];

export const objectSink = {
  formats: { events: ["json", "avro", "csv"], rejected: ["json"], keys: ["csv", "json"] },
  recovery,
  records: true,
  /** Names hold the stream, so that several may share a prefix. */
  shared: true,
  place: ["endpoint", "bucket", "prefix"],
  prefix: "prefix",
} as const;

/** Objects that are begun under one of these are completed under the other. */
export const objectSinkTuning = ["every", "max_size", "max_events", "overwrite"] as const;

export const objectSinkExample = (connector: string): string =>
  `sink safe into ${connector} {
  bucket = "acme-safe"
  prefix = "clicks"
  by     = "date=%Y-%m-%d/hour=%H"
}`;
