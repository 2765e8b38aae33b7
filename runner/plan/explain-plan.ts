// Explains what a run executes: what the optimizer decided and why, and what each stream makes of each field.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { PassName } from "./passes/pass.ts";
import type { SourcePlan, StreamPlan } from "./plan.ts";
import { type PlannedSource, planJob } from "./plan-job.ts";

/** Members are the very names of the JSON output, here and below. */
export interface PlanExplanation {
  readonly pipeline: string;
  readonly graph_hash: string;
  /** In the graph's order. */
  readonly sources: readonly ExplainedSource[];
}

export interface ExplainedSource {
  readonly source: string;
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  /** Its events were sealed before they came here: what is copied of them is ciphertext. */
  readonly sealed: boolean;
  /** What happens to fields that the contract doesn't declare: the event is refused, they are left out, or they are copied. */
  readonly undeclared: SourcePlan["unknown"];
  /** False where no sink needs it: a run does not even open it. */
  readonly read: boolean;
  /** Empty where nothing was optimized: a run then does what the program says, step by step. */
  readonly decisions: readonly ExplainedDecision[];
  /** What is left to do, the source first; empty where it is not read. */
  readonly streams: readonly ExplainedStream[];
}

export interface ExplainedDecision {
  readonly pass: PassName;
  /** The streams it is about. */
  readonly streams: readonly string[];
  /** Dotted paths; empty where it is about whole streams. */
  readonly fields: readonly string[];
  /** One sentence: what is done, and why that changes no output. */
  readonly sentence: string;
}

export interface ExplainedStream {
  readonly stream: string;
  readonly kind: StreamPlan["kind"];
  /** The stream it is made of; null for a source. */
  readonly from: string | null;
  /** What sinks take of it; without `events` its events are counted and passed on, and never written. */
  readonly sinks: StreamPlan["sinks"];
  /** Levels that an event's consent must hold to get here, all of them, ascending. */
  readonly consent: readonly number[];
  /** True where it is written with `strmMeta` filled in. */
  readonly fills_meta: boolean;
  /** The fields that are personal, or masked somewhere. Others that the contract declares are copied. */
  readonly fields: readonly ExplainedField[];
}

export interface ExplainedField {
  /** Dotted. */
  readonly path: string;
  /** Its purpose's level; null: it is not personal. */
  readonly purpose: number | null;
  /**
   * `copied`: as it came. `sealed`: encrypted here or above. `plaintext`: as it came too, where the program says to decrypt what this
   * job encrypts. `decrypted`: opened with a key. `not_made`: nothing, since the stream is not written.
   */
  readonly form: "copied" | "sealed" | "plaintext" | "decrypted" | "not_made";
  /** What that gives is replaced by a mask. */
  readonly masked: boolean;
}

/** The graph must have passed the checker. */
export function explainPlan(graph: JobGraph): PlanExplanation {
  return { pipeline: graph.name, graph_hash: graph.hash, sources: planJob(graph).map(explainSource) };
}

function explainSource({ plain, plan, decisions }: PlannedSource): ExplainedSource {
  return {
    source: plain.source,
    contract: plain.contract,
    sealed: plain.sealed,
    undeclared: plain.unknown,
    read: plan !== undefined,
    decisions: decisions.map(({ pass, steps, fields, sentence }) => ({
      pass,
      streams: steps,
      fields,
      sentence,
    })),
    streams: plan === undefined ? [] : plan.streams.map((stream) => explainStream(stream, plan)),
  };
}

function explainStream(stream: StreamPlan, plan: SourcePlan): ExplainedStream {
  const { name, kind, from, sinks, gate, sealer } = stream;
  const written = sinks.includes("events");
  return {
    stream: name,
    kind,
    from: plan.streams[from]?.name ?? null,
    sinks,
    consent: gate,
    fills_meta: written && sealer >= 0,
    fields: plan.spots.map(({ path, purpose }, spot) => ({
      path,
      purpose: purpose ?? null,
      form: formOf(stream, spot),
      masked: written && stream.fields[spot]?.mask !== undefined,
    })),
  };
}

const forms = { kept: "copied", sealed: "sealed", plain: "plaintext", opened: "decrypted" } as const;

function formOf({ sinks, fields, seals, opens }: StreamPlan, spot: number): ExplainedField["form"] {
  // These steps work on each event, whether it is written here or not.
  if (seals.includes(spot)) return "sealed";
  if (opens.includes(spot)) return "decrypted";
  return sinks.includes("events") ? forms[fields[spot]?.value ?? "kept"] : "not_made";
}
