// Kernels in threads of their own, which are started as they are needed.
import type { Batch } from "../../kernel/kernel.ts";
import type { Answer, KernelPool, KernelSpecs, Worked } from "./kernel-pool.ts";
import { KernelThread } from "./kernel-thread.ts";

export class ThreadedKernels implements KernelPool {
  readonly width: number;
  readonly #specs: KernelSpecs;
  readonly #threads: KernelThread[] = [];
  readonly #free: KernelThread[] = [];
  readonly #waiting: ((thread: KernelThread) => void)[] = [];
  /** Buffers for results that came back; as many as all batches under way can use. */
  readonly #spare: ArrayBuffer[] = [];
  readonly #outputs: number;

  constructor(specs: KernelSpecs, width: number) {
    this.#specs = specs;
    this.width = width;
    const written = [...specs.values()].map(({ plan }) =>
      plan.streams.reduce((sum, { outputs }) => sum + outputs.length, 0),
    );
    this.#outputs = Math.max(1, ...written);
    // While it starts, the run opens its sources and sinks.
    this.#free.push(this.#start());
  }

  async run(source: string, batch: Batch, answer: Answer): Promise<Worked> {
    const thread = await this.#acquire();
    try {
      return await thread.run(source, batch, answer, this.#spare.splice(0, this.#outputs));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(thread);
      else next(thread);
    }
  }

  recycle(_: string, buffer: ArrayBuffer): void {
    if (this.#spare.length < this.#outputs * this.width) this.#spare.push(buffer);
  }

  forget(closedBeforeMs: number): void {
    for (const thread of this.#threads) thread.forget(closedBeforeMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #acquire(): KernelThread | Promise<KernelThread> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    // Only a batch that would have to wait starts another: a quiet source keeps to one.
    if (this.#threads.length < this.width) return this.#start();
    return new Promise((take) => this.#waiting.push(take));
  }

  #start(): KernelThread {
    const thread = new KernelThread(this.#specs);
    this.#threads.push(thread);
    return thread;
  }
}
