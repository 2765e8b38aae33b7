// The physical plan of one source and the streams below it: plain data, compiled from the job graph once.
import type { Rotation, Scheme } from "../../dsl/graph/job-graph.ts";
import type { Shape } from "./shape.ts";

export interface SourcePlan {
  /** The source step's name. */
  readonly source: string;
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  readonly sealed: boolean;
  readonly unknown: "reject" | "drop" | "pass";
  readonly shape: Shape;
  /** The fields whose values some stream shows changed. */
  readonly spots: readonly Spot[];
  readonly consent: ConsentPlan;
  readonly time: TimePlan;
  /** True where `strmMeta.timestamp` is the event time in epoch milliseconds already. */
  readonly timestampIsTime: boolean;
  /** The source first, then every step that somebody needs; each behind the one it reads from. */
  readonly streams: readonly StreamPlan[];
  /** Whose keys the plan needs, each once. */
  readonly keyed: readonly KeyPlan[];
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
  readonly scheme: Scheme;
  /** Present for `value`. */
  readonly rotate?: Rotation;
}

export interface StreamPlan {
  readonly name: string;
  readonly kind: "source" | "encrypt" | "decrypt";
  /** Index in `streams`; -1 for the source. */
  readonly from: number;
  /** True where a sink takes its events. */
  readonly written: boolean;
  /** R, united with that of the streams above; an event needs consent for all of it. */
  readonly gate: readonly number[];
  /** Index in `keyed` of the encrypt step above or at it; -1 where there is none. */
  readonly sealer: number;
  /** How each spot stands in this stream, by index in `spots`. */
  readonly fields: readonly FieldPlan[];
  /** The spots that this very step opens with keys (in a sealed plan); elsewhere empty. */
  readonly opens: readonly number[];
}

/**
 * `kept`: as in the event. `sealed`: under the stream's `sealer`. `opened`: with the keys of `keyed[opener]`.
 * `mask`: the decrypt step whose mask then covers the value.
 */
export interface FieldPlan {
  readonly value: "kept" | "sealed" | "opened";
  readonly opener?: number;
  readonly mask?: string;
}
