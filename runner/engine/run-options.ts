// What a run is asked to do.
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { Streams } from "../connectors/connector.ts";
import type { RunEvent } from "./events.ts";
import type { ReplayOptions } from "./replay/open-replay.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Tap } from "./tap/tap.ts";
import type { Environment } from "./values.ts";

export interface RunOptions extends Streams {
  readonly graph: JobGraph;
  /** Folder of the pipeline's file, absolute: relative paths start here. */
  readonly baseDir: string;
  /** The state folder, absolute; it is made where it is missing. */
  readonly stateDir: string;
  /** Where `env` and `secret` are looked up: usually `process.env`. */
  readonly environment: Environment;
  /** Called for every run event, in order. */
  readonly report: (event: RunEvent) => void;
  /** Aborted: stop reading, deliver what was read. A text as its reason names the signal. */
  readonly stop: AbortSignal;
  /** Kernels that may work side by side, from 1; by default as many as there are cores, up to eight. */
  readonly workers?: number;
  /** True: forget the last checkpoint and read everything again. */
  readonly fromStart?: boolean;
  /** How long what was delivered may stand without a checkpoint, in milliseconds. */
  readonly checkpointEveryMs?: number;
  readonly retry?: RetryPolicy;
  /** Looks at what sinks are given. */
  readonly tap?: Tap;
  /** Instead of the sources, read what the quarantine holds; what comes of it is added to what the job wrote. */
  readonly replay?: ReplayOptions;
}
