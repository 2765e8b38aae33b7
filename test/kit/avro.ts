// Avro by another implementation than ours, with whole numbers of 64 bits as they are.
import avsc from "avsc";
import type { Json } from "../../dsl/spec/option-value.ts";

const longType = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
});

/** Values of unions stand in an object with the branch's name. */
export function avroType(schema: Json): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(JSON.stringify(schema)), {
    typeHook: (type) => (isLong(type) ? longType : undefined),
    wrapUnions: true,
  });
}

/** Also with a logical type. */
function isLong(type: unknown): boolean {
  return (
    type === "long" || (typeof type === "object" && type !== null && "type" in type && type.type === "long")
  );
}

/** A value of avsc's as what can be compared and printed. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value) === 0 ? 0 : `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : value;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
