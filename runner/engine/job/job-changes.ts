// What a pipeline may have changed since the checkpoint that it goes on from, and what it may not.
import type { GraphStep, JobGraph } from "../../../dsl/graph/job-graph.ts";
import type { Connector } from "../../connectors/connector.ts";
import { StrmFailure } from "../../failure.ts";
import { keyStores } from "../../privacy/stores/index.ts";

/**
 * Throws `run.changed` where going on would mix what two different pipelines write: what is written already would have come out
 * otherwise, or would be missing somewhere. Left alone are purposes' reasons, how long keys are kept, where secrets come from, and the options
 * that a connector declares as tuning; a new source is read from its start.
 */
export function refuseChanges(
  before: JobGraph,
  now: JobGraph,
  connectors: readonly Connector[],
  folder: string,
): void {
  if (before.hash === now.hash) return;
  const changes = changesOf(before, now, connectors);
  if (changes.length === 0) return;
  throw new StrmFailure(
    "run.changed",
    `The pipeline was changed since its last checkpoint, so that it can't go on from there:\n${changes.map((change) => `- ${change}`).join("\n")}`,
    `Start over with \`--from-start\`, which reads everything again; or undo the change; or name another state folder than ${folder} with \`--state DIR\`.`,
  );
}

/** Sentences, each naming what was changed. */
function changesOf(before: JobGraph, now: JobGraph, connectors: readonly Connector[]): readonly string[] {
  const changes: string[] = [];
  for (const contract of before.contracts) {
    const same = now.contracts.find(({ name }) => name === contract.name);
    if (same !== undefined && !alike(contract, same))
      changes.push(`The contract \`${contract.name}\` is another one.`);
  }
  for (const store of before.keyStores) {
    const same = now.keyStores.find(({ name }) => name === store.name);
    if (same !== undefined && !alike(placeOf(store), placeOf(same))) {
      changes.push(`The keys \`${store.name}\` are kept elsewhere.`);
    }
  }
  for (const step of before.steps) {
    const same = now.steps.find(({ name }) => name === step.name);
    if (same === undefined) changes.push(`The ${step.kind} \`${step.name}\` is gone.`);
    else if (!alike(meaningOf(step, connectors), meaningOf(same, connectors))) {
      changes.push(`The ${step.kind} \`${step.name}\` means something else.`);
    }
  }
  for (const step of now.steps) {
    if (before.steps.some(({ name }) => name === step.name) || isFresh(step, before, now)) continue;
    changes.push(`The ${step.kind} \`${step.name}\` is new, and would lack what was read before.`);
  }
  return changes;
}

/** True for a new source and what stands below it: nothing of that has been read yet. */
function isFresh(step: GraphStep, before: JobGraph, now: JobGraph): boolean {
  if (before.steps.some(({ name }) => name === step.name)) return false;
  if (step.kind === "source") return true;
  const above = now.steps.find(({ name }) => name === step.from);
  return above !== undefined && isFresh(above, before, now);
}

/** A step without what may change. */
function meaningOf(step: GraphStep, connectors: readonly Connector[]): unknown {
  switch (step.kind) {
    case "encrypt":
      return step;
    case "decrypt": {
      const { maskSeed: _, ...rest } = step;
      return rest;
    }
    default: {
      const spec = connectors.find((each) => each.spec.name === step.connector)?.spec;
      const tuning = ["max_event", ...((step.kind === "source" ? spec?.source : spec?.sink)?.tuning ?? [])];
      const options = Object.entries(step.options).filter(([name]) => !tuning.includes(name));
      return { ...step, options: Object.fromEntries(options) };
    }
  }
}

function placeOf({ store, options }: JobGraph["keyStores"][number]): unknown {
  const place = keyStores.find(({ spec }) => spec.name === store)?.spec.place ?? [];
  return [store, place.map((name) => options[name])];
}

/** Both come from canonical JSON, so that the order of members is no difference. */
function alike(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
