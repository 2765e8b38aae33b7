// Opens a kernel from plain data: what worker threads and the inline host call.
import type { Kernel, KernelSpec } from "./kernel.ts";
import { loadReadTime } from "./read-time.ts";
import { createReferenceKernel } from "./reference/kernel.ts";

/** The kernel of a source's plan. It makes copies of the spec's secrets, and overwrites these in the end. */
export async function openKernel(spec: KernelSpec): Promise<Kernel> {
  return createReferenceKernel(spec, await loadReadTime(spec.plan));
}
