// The reference kernel: plain TypeScript, complete, and what every faster kernel is held against.
import type { Batch, BatchResult, Kernel, KernelSpec, KeyWant, LinkSecret } from "../kernel.ts";
import { Emitter } from "./emitter.ts";
import { LinkCiphers } from "./link-ciphers.ts";
import { Reader } from "./reader.ts";
import { Spares } from "./spares.ts";
import type { ReadTime } from "./times.ts";

/** `readTime` is needed where the plan has a time format (see `loadReadTime`); throws where it is missing. */
export function createReferenceKernel(spec: KernelSpec, readTime: ReadTime | undefined): Kernel {
  return new ReferenceKernel(spec, readTime);
}

class ReferenceKernel implements Kernel {
  private readonly links: LinkCiphers;
  private readonly reader: Reader;
  private readonly emitter: Emitter;
  private readonly spares: Spares;
  /** The batch that was scanned last and is still to be emitted. */
  private batch: Batch | undefined;
  private forgetBeforeMs = Number.NEGATIVE_INFINITY;
  private destroyed = false;

  constructor(spec: KernelSpec, readTime: ReadTime | undefined) {
    const { plan, maxLinks } = spec;
    this.links = new LinkCiphers(plan, maxLinks);
    // Room for the outputs of one batch that is with the sinks while the next is written.
    this.spares = new Spares(2 * plan.streams.length);
    this.reader = new Reader(plan, this.links.table, readTime);
    this.emitter = new Emitter(spec, this.reader, this.links, this.spares);
  }

  scan(batch: Batch): readonly KeyWant[] {
    if (this.destroyed) throw new Error("A kernel was used after it was destroyed.");
    // Set once the batch has been read whole: what was broken off must not be emitted.
    this.batch = undefined;
    this.reader.restore();
    this.forgetClosed();
    this.links.table.begin();
    const wants = this.reader.read(batch);
    this.batch = batch;
    return wants;
  }

  emit(links: readonly (LinkSecret | undefined)[]): BatchResult {
    const { batch } = this;
    if (batch === undefined) throw new Error("There is no batch that was scanned and not emitted.");
    const result = this.emitter.emit(batch, links);
    this.reader.restore();
    this.batch = undefined;
    this.forgetClosed();
    return result;
  }

  recycle(buffer: ArrayBuffer): void {
    this.spares.give(buffer);
  }

  forget(closedBeforeMs: number): void {
    this.forgetBeforeMs = Math.max(this.forgetBeforeMs, closedBeforeMs);
    this.forgetClosed();
  }

  destroy(): void {
    this.destroyed = true;
    this.batch = undefined;
    this.links.destroy();
    this.emitter.destroy();
  }

  private forgetClosed(): void {
    // A batch between its two halves may still seal with what it found.
    if (this.batch !== undefined || this.forgetBeforeMs === Number.NEGATIVE_INFINITY) return;
    this.links.table.removeClosed(this.forgetBeforeMs);
    this.forgetBeforeMs = Number.NEGATIVE_INFINITY;
  }
}
