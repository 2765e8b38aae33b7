// The reference kernel: plain TypeScript, complete, and what every faster kernel is held against.
import type { SourcePlan } from "../../plan/plan.ts";
import type { LinkKeys } from "../../privacy/link-keys.ts";
import type { KernelDeps } from "../deps.ts";
import type { Batch, BatchResult, Kernel, Scan } from "../kernel.ts";
import { Emitter } from "./emitter.ts";
import { LinkSlots } from "./link-slots.ts";
import { Reader } from "./reader.ts";

/**
 * A kernel for one source's plan. It keeps buffers between batches, so a batch has to be emitted (or given up) before the
 * next is scanned. Throws on a plan with a time format where `deps.readTime` is missing.
 */
export function createReferenceKernel(plan: SourcePlan, deps: KernelDeps): Kernel {
  return new ReferenceKernel(plan, deps);
}

class ReferenceKernel implements Kernel {
  private readonly reader: Reader;
  private readonly emitter: Emitter;
  private scans = 0;

  constructor(plan: SourcePlan, deps: KernelDeps) {
    const slots = new LinkSlots(plan.spots);
    this.reader = new Reader(plan, deps, slots);
    this.emitter = new Emitter(plan, deps, this.reader, slots);
  }

  scan(batch: Batch): Scan {
    // One kind of array everywhere: code that meets buffers as well is slower.
    const bytes = new Uint8Array(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
    this.reader.read(batch, bytes);
    const scan = ++this.scans;
    return {
      wants: [...this.reader.events.wants],
      emit: (keys: readonly (LinkKeys | undefined)[]): BatchResult => {
        if (scan !== this.scans) throw new Error("A batch was emitted after another one had been scanned.");
        return this.emitter.emit(batch, bytes, keys);
      },
    };
  }
}
