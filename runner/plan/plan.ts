// The physical plan of one source and the streams below it: plain data, compiled from the job graph once.
import type { DecryptStep, Rotation, Scheme, SinkStep } from "../../dsl/graph/job-graph.ts";
import type { AvroPlan } from "./avro-shape.ts";
import type { CsvPlan } from "./csv-plan.ts";
import type { Shape } from "./shape.ts";

/** How a kernel is given an event: as JSON text, or as an Avro datum of its contract's schema. */
export type NativeFormat = "json" | "avro";

/** How an event is read or written. A source brings the rows of CSV to JSON before the kernel sees them. */
export type EventFormat = NativeFormat | "csv";

export interface SourcePlan {
  /** The source step's name. */
  readonly source: string;
  /** What its events come as. */
  readonly format: NativeFormat;
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  readonly sealed: boolean;
  readonly unknown: "reject" | "drop" | "pass";
  readonly shape: Shape;
  /** Present where events come as Avro datums, or are written as such. */
  readonly avro?: AvroPlan;
  /** The fields whose values some stream shows changed. */
  readonly spots: readonly Spot[];
  readonly consent: ConsentPlan;
  readonly time: TimePlan;
  /** True where `strmMeta.timestamp` is the event time in epoch milliseconds already. */
  readonly timestampIsTime: boolean;
  /** The source first; each behind the one it reads from. */
  readonly streams: readonly StreamPlan[];
  /** Whose keys the plan needs, each once. */
  readonly keyed: readonly KeyPlan[];
  readonly masks: readonly MaskPlan[];
}

/** A field by its dotted path; `purpose` is absent where it is not personal (but masked somewhere). */
export interface Spot {
  readonly path: string;
  readonly purpose?: number;
}

export interface ConsentPlan {
  readonly path: string;
  /** A level implies all lower ones. */
  readonly cumulative: boolean;
  /** Present where consent is text. */
  readonly map?: Readonly<Record<string, readonly number[]>>;
  readonly otherwise?: readonly number[];
  /** The declared purposes' levels, ascending; empty where none are declared. */
  readonly declared: readonly number[];
}

export type TimePlan =
  | { readonly kind: "reading" }
  | { readonly kind: "epoch"; readonly path: string; readonly unitsPerMs: number }
  | { readonly kind: "text"; readonly path: string; readonly format: string; readonly zone: string };

export interface KeyPlan {
  /** The encrypt step, or in a sealed plan the first decrypt step that opens with these keys. */
  readonly step: string;
  readonly kind: "value" | "link";
  /** The key store's name. */
  readonly keys: string;
  readonly scheme: Scheme;
  /** Present for `value`. */
  readonly rotate?: Rotation;
}

/** A decrypt step's mask; its seed is a secret and comes beside the plan. */
export interface MaskPlan {
  readonly step: string;
  readonly algorithm: DecryptStep["maskAlgorithm"];
}

export interface StreamPlan {
  readonly name: string;
  readonly kind: "source" | "encrypt" | "decrypt";
  /** Index in `streams`; -1 for the source. */
  readonly from: number;
  /** What sinks take of it, each side once; its bytes are written where that is `events`. */
  readonly sinks: readonly SinkStep["side"][];
  /** How its events are written, each form once; empty where no sink takes them. */
  readonly outputs: readonly OutputPlan[];
  /** R, united with that of the streams above; an event needs consent for all of it. */
  readonly gate: readonly number[];
  /** Index in `keyed` of the encrypt step above or at it; -1 where there is none. */
  readonly sealer: number;
  /** How each spot stands in this stream, by index in `spots`. */
  readonly fields: readonly FieldPlan[];
  /** The spots that this very step seals in each event; others are sealed where a stream is written that shows them so. */
  readonly seals: readonly number[];
  /** The spots that this very step opens in each event; one that does not open rejects the event. */
  readonly opens: readonly number[];
}

export interface OutputPlan {
  readonly format: EventFormat;
  /** Tells the outputs of a stream apart: sinks of the same form are given the same bytes. */
  readonly form: string;
  /** Present where events are written as CSV. */
  readonly csv?: CsvPlan;
  /** Some sink takes the events one by one, with their key links. */
  readonly framed: boolean;
}

/**
 * `kept`: as in the event. `sealed`: under the stream's `sealer`. `opened`: with the keys of `keyed[opener]`, out of what the
 * stream's `sealer` made, or else out of the event. `plain`: the event's own value, spelled as if it had been opened.
 * `mask`: index in `masks` of the mask that then covers the value.
 */
export interface FieldPlan {
  readonly value: "kept" | "sealed" | "opened" | "plain";
  readonly opener?: number;
  readonly mask?: number;
}
