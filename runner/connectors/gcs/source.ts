// Reads a bucket of Google Cloud Storage.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SourceContext } from "../connector.ts";
import type { Source } from "../delivery.ts";
import { openObjectSource } from "../objects/source.ts";
import { openGcsStore } from "./open-store.ts";
import type { gcsSpec } from "./spec.ts";

/** Throws what `openGcsStore` and `openObjectSource` throw. */
export async function openGcsSource(
  options: OptionsOf<typeof gcsSpec.source.options>,
  context: SourceContext,
): Promise<Source> {
  return openObjectSource(options, context, await openGcsStore(options, undefined, context.step));
}
