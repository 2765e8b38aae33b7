// Opens a bucket of Google Cloud Storage as a source.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SourceContext, TryContext } from "../connector.ts";
import type { Source } from "../delivery.ts";
import { openObjectSource } from "../objects/source.ts";
import { tryReading } from "../objects/try-bucket.ts";
import { openGcsStore } from "./open-store.ts";
import type { gcsSpec } from "./spec.ts";

/** Throws `bucket.*` before any event is read. */
export async function openGcsSource(
  options: OptionsOf<typeof gcsSpec.source.options>,
  context: SourceContext,
): Promise<Source> {
  return openObjectSource(options, context, await openGcsStore(options, undefined, context.step));
}

/** Throws `bucket.*`. */
export async function tryGcsSource(
  options: OptionsOf<typeof gcsSpec.source.options>,
  context: TryContext,
): Promise<string> {
  return tryReading(options, context, await openGcsStore(options, undefined, context.step));
}
