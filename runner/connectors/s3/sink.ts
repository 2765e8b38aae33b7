// Opens a bucket of S3 as a sink.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SinkContext, TryContext } from "../connector.ts";
import type { Sink } from "../delivery.ts";
import { openObjectSink } from "../objects/sink.ts";
import { tryWriting } from "../objects/try-bucket.ts";
import { openS3Store } from "./open-store.ts";
import type { s3Spec } from "./spec.ts";

/** Throws `bucket.*` before any event is read. */
export async function openS3Sink(
  options: OptionsOf<typeof s3Spec.sink.options>,
  context: SinkContext,
): Promise<Sink> {
  return openObjectSink(options, context, await openS3Store(options, options, context.step));
}

/** Throws `bucket.*`. */
export async function tryS3Sink(
  options: OptionsOf<typeof s3Spec.sink.options>,
  context: TryContext,
): Promise<string> {
  return tryWriting(options, context, await openS3Store(options, options, context.step));
}
