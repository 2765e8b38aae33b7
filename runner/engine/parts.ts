// What the engine is put together from: the kernel, the framing and the keys, each behind what the engine asks of it.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { Lookup } from "../../dsl/spec/resolve.ts";
import type { Chunk } from "../connectors/connector.ts";
import type { OversizePiece } from "../formats/lines.ts";
import type { Batch, BatchResult, Kernel, KeyWant } from "../kernel/kernel.ts";
import type { LinkKeys } from "../privacy/link-keys.ts";

export type Frame = (
  chunks: AsyncIterable<Chunk>,
  maxEventBytes: number,
) => AsyncIterable<Batch | OversizePiece>;

/** All that a run asks of its keys. */
export interface Vault {
  /** One answer a want, in order; what was made is durable before it answers. */
  resolve(wants: readonly KeyWant[]): Promise<readonly (LinkKeys | undefined)[]>;
  noteSubjects(subjects: BatchResult["subjects"]): Promise<void>;
  /** Seals a refused event under the master key: a compact JWE. */
  readonly seal: (bytes: Uint8Array) => Promise<string>;
  /** Key links made since the last call, by encrypt step. */
  takeCreated(): readonly { readonly step: string; readonly created: number }[];
  /** Removes keys that `retain` no longer holds. */
  purge(): Promise<void>;
  close(): Promise<void>;
}

export interface PartsContext {
  readonly baseDir: string;
  readonly stateDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly lookup: Lookup;
  readonly warn: (message: string, help: string) => void;
}

/** What is opened for one run. `kernels`: one for each needed source, by its name. */
export interface OpenedParts {
  readonly vault: Vault;
  readonly kernels: ReadonlyMap<string, Kernel>;
}

export interface Parts {
  readonly frame: Frame;
  /** The streams that somebody needs; only these are computed, and only these sources are read. */
  streams(graph: JobGraph): ReadonlySet<string>;
  open(graph: JobGraph, context: PartsContext): Promise<OpenedParts>;
}
