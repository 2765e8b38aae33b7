// Puts the engine's parts together: plans of the graph, kernels in one thread or several, key rings.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { Lookup } from "../../dsl/spec/resolve.ts";
import type { KernelSecrets, KernelSpec } from "../kernel/kernel.ts";
import type { SourcePlan } from "../plan/plan.ts";
import { plansToRun } from "../plan/plan-job.ts";
import type { LaneWish, Parts } from "./parts.ts";
import { requiredValue } from "./values.ts";
import { type KeyVault, openVault } from "./vault.ts";
import { openInlineKernels } from "./workers/inline-kernels.ts";
import type { KernelPool, KernelSpecs } from "./workers/kernel-pool.ts";
import { ThreadedKernels } from "./workers/threaded-kernels.ts";

/** Key links that a kernel holds: some 4 KiB each. */
const MAX_LINKS = 4000;

export const parts: Parts = {
  streams: (graph) => new Set(plansToRun(graph).flatMap(({ streams }) => streams.map(({ name }) => name))),
  open: async (graph, lanes, context) => {
    const vault = await openVault(graph, context);
    try {
      const seeds = seedsOf(graph, context.lookup);
      const specs = new Map(lanes.map((wish) => [wish.lane, specOf(planOf(wish), vault, seeds)]));
      const kernels = await openKernels(specs, context.workers);
      vault.onForget((closedBeforeMs) => kernels.forget(closedBeforeMs));
      return { vault, kernels };
    } catch (error) {
      await vault.close();
      throw error;
    }
  },
};

async function openKernels(specs: KernelSpecs, workers: number): Promise<KernelPool> {
  return workers === 1 ? await openInlineKernels(specs) : new ThreadedKernels(specs, workers);
}

/** The seeds of the masks, by decrypt step. */
function seedsOf(graph: JobGraph, lookup: Lookup): ReadonlyMap<string, string> {
  const seeds = new Map<string, string>();
  for (const step of graph.steps) {
    if (step.kind !== "decrypt" || step.maskSeed === undefined) continue;
    seeds.set(step.name, requiredValue(step.maskSeed, "mask_seed", step.name, lookup));
  }
  return seeds;
}

function planOf({ source, graph }: LaneWish): SourcePlan {
  const plan = plansToRun(graph).find((each) => each.source === source);
  if (plan === undefined) throw new Error(`nobody needs the source ${source}`);
  return plan;
}

function specOf(plan: SourcePlan, vault: KeyVault, seeds: ReadonlyMap<string, string>): KernelSpec {
  const streams = new Set(plan.streams.map(({ name }) => name));
  const secrets: KernelSecrets = {
    nonces: new Map(
      plan.keyed.flatMap(({ kind, step }) => (kind === "value" ? [[step, vault.nonceSecret(step)]] : [])),
    ),
    maskSeeds: new Map([...seeds].filter(([step]) => streams.has(step))),
  };
  return { plan, secrets, maxLinks: MAX_LINKS };
}
