// What the engine is put together from: plans, kernels and keys, each behind what the engine asks of it.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { Lookup } from "../../dsl/spec/resolve.ts";
import type { KeyWant, LinkSecret, SubjectPair } from "../kernel/kernel.ts";
import type { KeyCallSums } from "./key-calls.ts";
import type { KernelPool } from "./workers/kernel-pool.ts";

/** All that a run asks of its keys. */
export interface Vault {
  /** One answer a want, in order; what was made is durable before it answers. */
  resolve(wants: readonly KeyWant[]): Promise<readonly (LinkSecret | undefined)[]>;
  noteSubjects(subjects: readonly SubjectPair[]): Promise<void>;
  /** Seals a refused event under the master key: a compact JWE. */
  readonly seal: (bytes: Uint8Array) => Promise<string>;
  /** Opens what `seal` made. */
  readonly unseal: (jwe: string) => Promise<Uint8Array>;
  /** Key links made since the last call, by encrypt step. */
  takeMade(): readonly LinksMade[];
  /** Removes keys that `retain` no longer holds, and tells the kernels to. */
  purge(): Promise<void>;
  close(): Promise<void>;
}

/** Key links that an encrypt step made; `rotated` of them for values that had an earlier window. */
export interface LinksMade {
  readonly step: string;
  readonly created: number;
  readonly rotated: number;
}

export interface PartsContext {
  readonly baseDir: string;
  readonly stateDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly lookup: Lookup;
  readonly warn: (message: string, help: string) => void;
  /** Counts what is asked of key stores. */
  readonly keyCalls: KeyCallSums;
  /** Kernels that may work side by side; 1: in this thread. */
  readonly workers: number;
}

export interface OpenedParts {
  readonly vault: Vault;
  readonly kernels: KernelPool;
}

/** A way through the graph that events take, with a kernel of its own. */
export interface LaneWish {
  readonly lane: string;
  /** The source step whose events they are. */
  readonly source: string;
  /** The whole graph, or the part of it that they go through. */
  readonly graph: JobGraph;
  /** The steps that count them. */
  readonly counted: ReadonlySet<string>;
}

export interface Parts {
  /** The streams that somebody needs; only these are computed, and only these sources are read. */
  streams(graph: JobGraph): ReadonlySet<string>;
  /** `graph` names the key stores; there is a kernel for each of the lanes. */
  open(graph: JobGraph, lanes: readonly LaneWish[], context: PartsContext): Promise<OpenedParts>;
}
