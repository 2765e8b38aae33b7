// Opens a bucket of Google Cloud Storage as a sink.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SinkContext, TryContext } from "../connector.ts";
import type { Sink } from "../delivery.ts";
import { openObjectSink } from "../objects/sink.ts";
import { tryWriting } from "../objects/try-bucket.ts";
import { openGcsStore } from "./open-store.ts";
import type { gcsSpec } from "./spec.ts";

/** Throws `bucket.*` before any event is read. */
export async function openGcsSink(
  options: OptionsOf<typeof gcsSpec.sink.options>,
  context: SinkContext,
): Promise<Sink> {
  return openObjectSink(options, context, await openGcsStore(options, options, context.step));
}

/** Throws `bucket.*`. */
export async function tryGcsSink(
  options: OptionsOf<typeof gcsSpec.sink.options>,
  context: TryContext,
): Promise<string> {
  return tryWriting(options, context, await openGcsStore(options, options, context.step));
}
