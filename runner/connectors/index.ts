// The list of connectors: one line each.
import { type Connector, connector, sharingConnector } from "./connector.ts";
import { fileSpec } from "./file/spec.ts";
import { gcsSpec } from "./gcs/spec.ts";
import { kafkaSpec } from "./kafka/spec.ts";
import { s3Spec } from "./s3/spec.ts";
import { simulatorSpec } from "./simulator/spec.ts";
import { stdinSpec } from "./stdin/spec.ts";
import { stdoutSpec } from "./stdout/spec.ts";

export const connectors: readonly Connector[] = [
  connector({
    spec: fileSpec,
    openSource: async () => (await import("./file/source.ts")).openFileSource,
    openSink: async () => (await import("./file/sink.ts")).openFileSink,
    trySource: async () => (await import("./file/try-files.ts")).tryFileSource,
    trySink: async () => (await import("./file/try-files.ts")).tryFileSink,
  }),
  connector({ spec: stdinSpec, openSource: async () => (await import("./stdin/source.ts")).openStdin }),
  connector({ spec: stdoutSpec, openSink: async () => (await import("./stdout/sink.ts")).openStdout }),
  connector({
    spec: simulatorSpec,
    openSource: async () => (await import("./simulator/source.ts")).openSimulator,
  }),
  sharingConnector({
    spec: kafkaSpec,
    openSession: async () => (await import("./kafka/session.ts")).openKafkaSession,
    openSource: async () => (await import("./kafka/source.ts")).openKafkaSource,
    openSink: async () => (await import("./kafka/sink.ts")).openKafkaSink,
    trySource: async () => (await import("./kafka/try-topics.ts")).tryKafkaSource,
    trySink: async () => (await import("./kafka/try-topics.ts")).tryKafkaSink,
  }),
  connector({
    spec: s3Spec,
    openSource: async () => (await import("./s3/source.ts")).openS3Source,
    openSink: async () => (await import("./s3/sink.ts")).openS3Sink,
    trySource: async () => (await import("./s3/source.ts")).tryS3Source,
    trySink: async () => (await import("./s3/sink.ts")).tryS3Sink,
  }),
  connector({
    spec: gcsSpec,
    openSource: async () => (await import("./gcs/source.ts")).openGcsSource,
    openSink: async () => (await import("./gcs/sink.ts")).openGcsSink,
    trySource: async () => (await import("./gcs/source.ts")).tryGcsSource,
    trySink: async () => (await import("./gcs/sink.ts")).tryGcsSink,
  }),
];
