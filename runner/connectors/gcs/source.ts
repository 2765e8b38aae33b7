// Opens a bucket of Google Cloud Storage as a source.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SourceContext } from "../connector.ts";
import type { Source } from "../delivery.ts";
import { openObjectSource } from "../objects/source.ts";
import { openGcsStore } from "./open-store.ts";
import type { gcsSpec } from "./spec.ts";

/** Throws `bucket.*` before any event is read. */
export async function openGcsSource(
  options: OptionsOf<typeof gcsSpec.source.options>,
  context: SourceContext,
): Promise<Source> {
  return openObjectSource(options, context, await openGcsStore(options, undefined, context.step));
}
