// Opens refused events for somebody who asks for them in clear and has the master key.
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { Masters } from "../masters.ts";
import { type Environment, lookupIn } from "../values.ts";

export interface UnsealOptions {
  readonly graph: JobGraph;
  /** Folder of the pipeline's file, absolute. */
  readonly baseDir: string;
  readonly stateDir: string;
  readonly environment: Environment;
}

/** Throws `keys.*`, `secret.missing` and `value.unresolved`, also where it is called; makes no key where there is none. */
export async function openUnsealer(options: UnsealOptions): Promise<(sealed: string) => Promise<Uint8Array>> {
  const { graph, baseDir, stateDir, environment } = options;
  const lookup = lookupIn(environment, baseDir);
  const masters = new Masters({ environment, stateDir, lookup, warn: () => {} }, "refused");
  const keys = await masters.of(graph.keyStores[0]);
  return (sealed) => keys.openEvent(sealed);
}
