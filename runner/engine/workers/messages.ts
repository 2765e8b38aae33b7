// What travels between a run and a kernel's thread; buffers are moved, not copied.
import type { Batch, BatchResult, KernelSpec, KeyWant, LinkSecret } from "../../kernel/kernel.ts";

/** What a thread starts with. */
export interface ThreadData {
  /** By source. */
  readonly specs: ReadonlyMap<string, KernelSpec>;
}

export type ToThread =
  | {
      readonly type: "work";
      readonly source: string;
      readonly batch: Batch;
      /** Buffers to write results into. */
      readonly spare: readonly ArrayBuffer[];
    }
  | { readonly type: "links"; readonly links: readonly (LinkSecret | undefined)[] }
  | { readonly type: "forget"; readonly closedBeforeMs: number }
  | { readonly type: "end" };

export type FromThread =
  | { readonly type: "wants"; readonly wants: readonly KeyWant[] }
  | { readonly type: "done"; readonly batch: Batch; readonly result: BatchResult; readonly workedMs: number }
  /** Only a bug gets here: the kernel rejects bad events, it does not throw. */
  | { readonly type: "broken"; readonly error: unknown };
