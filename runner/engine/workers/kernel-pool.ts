// The kernels of a run, behind one interface: in this thread, or each in a thread of its own.
import type { Batch, BatchResult, KernelSpec, KeyWant, LinkSecret } from "../../kernel/kernel.ts";

/** Answers a batch's wants before anything of it is sealed; called once for every batch, also for one without any, which need not wait for the answer. */
export type Answer = (wants: readonly KeyWant[]) => Promise<readonly (LinkSecret | undefined)[]>;

export interface Worked {
  /** The batch as it was given; where its buffer has travelled, this is where it arrived. */
  readonly batch: Batch;
  readonly result: BatchResult;
  /** For how long a kernel was at it; waiting for keys is left out. */
  readonly workedMs: number;
}

export interface KernelPool {
  /** Batches that are worked on at once. */
  readonly width: number;
  /**
   * Works on a batch as soon as a kernel is free; batches start in the order of the calls. The batch's buffer is given away.
   * Throws what the kernel throws, which is a bug, and `run.worker-died`.
   */
  run(source: string, batch: Batch, answer: Answer): Promise<Worked>;
  /** Takes a buffer of a source's results back. */
  recycle(source: string, buffer: ArrayBuffer): void;
  /** Overwrites keys whose window closed at that moment or before. */
  forget(closedBeforeMs: number): void;
  /** Overwrites all keys and ends the threads. */
  close(): Promise<void>;
}

/** A kernel for each source, by its name. */
export type KernelSpecs = ReadonlyMap<string, KernelSpec>;
