// Opens a bucket of S3 as a source.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { SourceContext, TryContext } from "../connector.ts";
import type { Source } from "../delivery.ts";
import { openObjectSource } from "../objects/source.ts";
import { tryReading } from "../objects/try-bucket.ts";
import { openS3Store } from "./open-store.ts";
import type { s3Spec } from "./spec.ts";

/** Throws `bucket.*` before any event is read. */
export async function openS3Source(
  options: OptionsOf<typeof s3Spec.source.options>,
  context: SourceContext,
): Promise<Source> {
  return openObjectSource(options, context, await openS3Store(options, undefined, context.step));
}

/** Throws `bucket.*`. */
export async function tryS3Source(
  options: OptionsOf<typeof s3Spec.source.options>,
  context: TryContext,
): Promise<string> {
  return tryReading(options, context, await openS3Store(options, undefined, context.step));
}
