// Confluent's wire format: a zero byte, the schema's id in four bytes (big endian), then the datum.
import type { Json } from "../../../dsl/spec/option-value.ts";
import type { AvroType } from "./avro-type.ts";
import { readSchema } from "./read-schema.ts";
import type { Refused } from "./refused.ts";
import type { Registry } from "./registry.ts";
import { type Resolve, resolver } from "./resolve.ts";

const FRAME_BYTES = 5;
/** A topic sees few schemas; made-up ids must not fill the memory. */
const MAX_SCHEMAS = 1000;
/** A schema may be registered a moment after its first events, on another node. */
const ABSENT_MS = 30_000;

const notFramed: Refused = {
  code: "event.not-framed",
  reason: "The message does not begin with the id of a schema.",
};

/** What stands before each datum of the schema with this id. */
export function frameOf(id: number): Uint8Array {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.writeInt32BE(id, 1);
  return frame;
}

interface Known {
  readonly resolve: Resolve;
  /** When it is to be asked for again, by `performance.now()`; infinite where the registry has it: ids are never used again. */
  readonly untilMs: number;
}

/** Turns framed values into datums of one schema. */
export class FramedDatums {
  readonly #schema: AvroType;
  readonly #registry: Registry;
  readonly #maxEventBytes: number;
  readonly #known = new Map<number, Known>();
  readonly #asked = new Map<number, Promise<Resolve>>();

  /** `schema`: the contract's. */
  constructor(schema: Json, registry: Registry, maxEventBytes: number) {
    this.#schema = readSchema(schema).type;
    this.#registry = registry;
    this.#maxEventBytes = maxEventBytes;
  }

  take(value: Uint8Array): Uint8Array | Refused | Promise<Uint8Array | Refused> {
    if (value.length < FRAME_BYTES || value[0] !== 0) return notFramed;
    const id = new DataView(value.buffer, value.byteOffset).getInt32(1);
    const datum = value.subarray(FRAME_BYTES);
    const known = this.#known.get(id);
    if (known !== undefined && performance.now() < known.untilMs) return known.resolve(datum);
    return this.#ask(id).then((resolve) => resolve(datum));
  }

  /** Values that come while the registry is asked wait for the same answer. */
  #ask(id: number): Promise<Resolve> {
    const asked = this.#asked.get(id) ?? this.#fetch(id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  async #fetch(id: number): Promise<Resolve> {
    const found = await this.#registry.schema(id);
    const absent = "code" in found;
    const resolve = absent ? () => found : resolver(found, this.#schema, this.#maxEventBytes);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_SCHEMAS && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, {
      resolve,
      untilMs: absent ? performance.now() + ABSENT_MS : Number.POSITIVE_INFINITY,
    });
    return resolve;
  }
}
