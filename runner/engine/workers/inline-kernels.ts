// Kernels in this very thread: no messages, no copies, and the least work in all.
import type { Batch, Kernel } from "../../kernel/kernel.ts";
import { openKernel } from "../../kernel/open-kernel.ts";
import { OneByOne } from "../../one-by-one.ts";
import type { Answer, KernelPool, KernelSpecs, Worked } from "./kernel-pool.ts";

export async function openInlineKernels(specs: KernelSpecs): Promise<KernelPool> {
  const kernels = new Map<string, Kernel>();
  for (const [source, spec] of specs) kernels.set(source, await openKernel(spec));
  return new InlineKernels(kernels);
}

export class InlineKernels implements KernelPool {
  readonly width = 1;
  readonly #kernels: ReadonlyMap<string, Kernel>;
  readonly #turns = new OneByOne();

  constructor(kernels: ReadonlyMap<string, Kernel>) {
    this.#kernels = kernels;
  }

  run(source: string, batch: Batch, answer: Answer): Promise<Worked> {
    return this.#turns.run(async () => {
      const kernel = this.#kernels.get(source);
      if (kernel === undefined) throw new Error(`there is no kernel for ${source}`);
      const scanMs = performance.now();
      const wants = kernel.scan(batch);
      const scannedMs = performance.now();
      const links = await answer(wants);
      const emitMs = performance.now();
      const result = kernel.emit(links);
      return { batch, result, workedMs: scannedMs - scanMs + performance.now() - emitMs };
    });
  }

  recycle(source: string, buffer: ArrayBuffer): void {
    this.#kernels.get(source)?.recycle(buffer);
  }

  forget(closedBeforeMs: number): void {
    for (const kernel of this.#kernels.values()) kernel.forget(closedBeforeMs);
  }

  close(): Promise<void> {
    for (const kernel of this.#kernels.values()) kernel.destroy();
    return Promise.resolve();
  }
}
