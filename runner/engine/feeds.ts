// Where a run's events come from: its sources, or the quarantine when refused events are replayed.
import type { JobGraph, SourceStep } from "../../dsl/graph/job-graph.ts";
import type { SourceContext } from "../connectors/connector.ts";
import type { Positions, Source } from "../connectors/delivery.ts";
import { eventFormat } from "../plan/output-form.ts";
import { schemaOfSource } from "../plan/stream-schema.ts";
import type { Job } from "./job/job.ts";
import type { ReadySource } from "./open-steps.ts";
import type { LaneWish, Vault } from "./parts.ts";
import { filesToReplay, type ReplayOptions, refusingSteps } from "./replay/open-replay.ts";
import { QuarantineSource } from "./replay/quarantine-source.ts";
import { replayWishes } from "./replay/replay-lanes.ts";
import type { Sessions } from "./sessions.ts";

type FeedContext = Omit<SourceContext, "maxEventBytes" | "format" | "schema">;

export interface Feed {
  readonly wish: LaneWish;
  /** The step that the events come to: the source, or the step that refused them. */
  readonly step: string;
  readonly replays: boolean;
  /** Opens it where the positions say. */
  open(context: FeedContext, vault: Vault, sessions: Sessions): Promise<Source>;
}

export function sourceFeeds(sources: readonly ReadySource[], graph: JobGraph): readonly Feed[] {
  const counted = new Set(graph.steps.map(({ name }) => name));
  return sources.map(({ step, connector, open, maxEventBytes }) => ({
    wish: { lane: step.name, source: step.name, graph, counted },
    step: step.name,
    replays: false,
    open: (context, _, sessions) =>
      open({ ...context, ...formOf(step, graph), maxEventBytes }, sessions.of(connector)),
  }));
}

function formOf(step: SourceStep, graph: JobGraph): Pick<SourceContext, "format" | "schema"> {
  const format = eventFormat(step.options);
  return format === "json" ? { format } : { format, schema: schemaOfSource(graph, step) };
}

/** One for each step that has refused something. Throws `run.nothing-to-replay`. */
export async function replayFeeds(
  job: Job,
  graph: JobGraph,
  sources: readonly ReadySource[],
  options: ReplayOptions,
): Promise<readonly Feed[]> {
  const files = await filesToReplay(job, options);
  return replayWishes(graph, await refusingSteps(files)).map(({ step, ...wish }) => {
    const maxEventBytes = sources.find((source) => source.step.name === wish.source)?.maxEventBytes ?? 0;
    return {
      wish,
      step,
      replays: true,
      open: ({ resume }: { readonly resume: Positions }, { unseal }: Vault) =>
        Promise.resolve(new QuarantineSource({ step, files, open: unseal, maxEventBytes, resume })),
    };
  });
}
