// What an Avro datum is made of, as plain data: nodes that refer to each other by index, so that a worker can be sent them.
import type { Capture, MetaPart, ShapePattern } from "./shape.ts";

/** Nodes by index; `root` is the event's record. */
export interface AvroShape {
  readonly nodes: readonly AvroNode[];
  readonly root: number;
}

export type AvroNode =
  | { readonly kind: "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" }
  /** `spot`: index of the field in `SourcePlan.spots`. */
  | { readonly kind: "string"; readonly spot?: number; readonly pattern?: ShapePattern }
  | { readonly kind: "fixed"; readonly sizeBytes: number }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | { readonly kind: "array"; readonly items: number }
  | { readonly kind: "map"; readonly values: number }
  | { readonly kind: "union"; readonly branches: readonly number[] }
  | { readonly kind: "record"; readonly fields: readonly AvroField[] };

export interface AvroField {
  readonly name: string;
  readonly node: number;
  /** It is read like others, and written nowhere. */
  readonly dropped?: true;
  readonly captures: readonly Capture[];
  /** Which part of `strmMeta` this is, where sealing has to write it. */
  readonly meta?: MetaPart;
  /** The bytes that stand for the field where JSON lacks it: its default, or null. Absent: it has to be there. */
  readonly absent?: readonly number[];
}

/** What a plan with Avro in it needs. */
export interface AvroPlan {
  /** What comes in, with what the kernel notes marked in it; absent where the source's events are JSON. */
  readonly input?: AvroShape;
  /** Of streams of raw events, and of all others. */
  readonly raw: AvroShape;
  readonly sealed: AvroShape;
}
