// Puts the engine's parts together: plans of the graph, the reference kernel, key rings, masks.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { Lookup } from "../../dsl/spec/resolve.ts";
import { frame } from "../formats/lines.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { loadReadTime } from "../kernel/read-time.ts";
import { createReferenceKernel } from "../kernel/reference/kernel.ts";
import { compilePlans } from "../plan/compile-plans.ts";
import { createMask, type Mask } from "../privacy/masks.ts";
import type { Parts } from "./parts.ts";
import { requiredValue } from "./values.ts";
import { type KeyVault, openVault } from "./vault.ts";

export const parts: Parts = {
  frame,
  streams: (graph) => new Set(compilePlans(graph).flatMap(({ streams }) => streams.map(({ name }) => name))),
  open: async (graph, context) => {
    const vault = await openVault(graph, context);
    try {
      return { vault, kernels: await kernelsOf(graph, vault, context.lookup) };
    } catch (error) {
      await vault.close();
      throw error;
    }
  },
};

async function kernelsOf(
  graph: JobGraph,
  vault: KeyVault,
  lookup: Lookup,
): Promise<ReadonlyMap<string, Kernel>> {
  const masks = new Map<string, Mask>();
  for (const step of graph.steps) {
    if (step.kind !== "decrypt" || step.maskSeed === undefined) continue;
    const seed = requiredValue(step.maskSeed, "mask_seed", step.name, lookup);
    masks.set(step.name, createMask(step.maskAlgorithm, seed));
  }
  const mask = (step: string): Mask => {
    const found = masks.get(step);
    if (found === undefined) throw new Error(`the step ${step} has no mask`);
    return found;
  };
  const kernels = new Map<string, Kernel>();
  for (const plan of compilePlans(graph)) {
    const readTime = await loadReadTime(plan);
    const deps = { keys: vault.atHand, nonceSecret: vault.nonceSecret, mask, readTime };
    kernels.set(plan.source, createReferenceKernel(plan, deps));
  }
  return kernels;
}
