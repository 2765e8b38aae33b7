// The door for sources of Avro messages: from a message's value to a datum of the contract's schema.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";
import { FramedDatums } from "./confluent.ts";
import { openRegistry } from "./open-registry.ts";
import type { Refused } from "./refused.ts";
import type { registryReadOptions } from "./registry-options.ts";

export interface AvroReadingOptions {
  /** What datums shall be of: the contract's schema, or the sealed one. */
  readonly schema: Json;
  /** No datum that resolving makes larger is taken. */
  readonly maxEventBytes: number;
  /** Present where values are framed as Confluent's serializers do it; else each is a plain datum of `schema`. */
  readonly registry?: OptionsOf<typeof registryReadOptions> | undefined;
  /** The source's name, for messages. */
  readonly step: string;
  /** Relative paths start here. */
  readonly baseDir: string;
}

/** A datum, or why the value is none. */
export type TakenDatum = Uint8Array | Refused;

/** What `openAvroReading` makes: at once where the value's schema is known, else when the registry has answered. */
export type AvroReading = (value: Uint8Array) => TakenDatum | Promise<TakenDatum>;

/**
 * Nothing is asked of the registry yet. What comes back throws a transient `registry.unreachable` and a `registry.denied`; the datum it
 * gives may be a part of the value that it was given.
 *
 * @example
 * const take = await openAvroReading({ schema, maxEventBytes, registry, step, baseDir });
 * const datum = await take(message.value);
 */
export async function openAvroReading(options: AvroReadingOptions): Promise<AvroReading> {
  const { schema, maxEventBytes, registry, step, baseDir } = options;
  if (registry === undefined) return (value) => value;
  const datums = new FramedDatums(schema, await openRegistry(registry, step, baseDir), maxEventBytes);
  return (value) => datums.take(value);
}
