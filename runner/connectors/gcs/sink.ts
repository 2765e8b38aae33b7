// Opens a bucket of Google Cloud Storage as a sink.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SinkContext } from "../connector.ts";
import type { Sink } from "../delivery.ts";
import { openObjectSink } from "../objects/sink.ts";
import { openGcsStore } from "./open-store.ts";
import type { gcsSpec } from "./spec.ts";

/** Throws `bucket.*` before any event is read. */
export async function openGcsSink(
  options: OptionsOf<typeof gcsSpec.sink.options>,
  context: SinkContext,
): Promise<Sink> {
  return openObjectSink(options, context, await openGcsStore(options, options, context.step));
}
