// The door for sinks of Avro messages: what stands before each datum.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";
import { frameOf } from "./confluent.ts";
import { openRegistry } from "./open-registry.ts";
import type { registryWriteOptions } from "./registry-options.ts";

export interface AvroWritingOptions {
  /** The stream's. */
  readonly schema: Json;
  readonly topic: string;
  /** Present where values shall be framed as Confluent's serializers do it. */
  readonly registry?: OptionsOf<typeof registryWriteOptions> | undefined;
  /** The sink's name, for messages. */
  readonly step: string;
  /** Relative paths start here. */
  readonly baseDir: string;
}

/**
 * The bytes before each datum: five where a registry is used, else none. Asks the registry for the schema's id, or registers it; throws
 * `registry.no-schema`, `registry.incompatible`, `registry.refused`, `registry.denied` and a transient `registry.unreachable`.
 */
export async function avroPrefix(options: AvroWritingOptions): Promise<Uint8Array> {
  const { schema, topic, registry, step, baseDir } = options;
  if (registry === undefined) return new Uint8Array(0);
  const { subject = `${topic}-value`, register } = registry;
  const client = await openRegistry(registry, step, baseDir);
  return frameOf(register ? await client.register(subject, schema) : await client.idOf(subject, schema));
}
