// How many keys the stores of a state folder hold; no secret is needed for that, and none is read.
import { isAbsolute, join, resolve } from "node:path";
import type { GraphKeyStore, JobGraph } from "../../../dsl/graph/job-graph.ts";
import { countSqliteKeys } from "../../privacy/stores/sqlite-counts.ts";

/** Members are the very names of the JSON output. Times are ISO 8601 in UTC. */
export interface KeysReport {
  readonly store: string;
  /** The store's file; null where it can't be told from here. */
  readonly path: string | null;
  /** Null where the store can't be looked at from here. */
  readonly counts:
    | readonly {
        readonly contract: string;
        readonly scheme: string;
        readonly links: number;
        /** From the start of the first window to the end of the last one. */
        readonly from: string;
        readonly to: string;
      }[]
    | null;
}

/** The state folder's own store and those of the graphs, each once. Throws `keys.*`. */
export function readKeys(
  graphs: readonly JobGraph[],
  stateDir: string,
  baseDir: string | undefined,
): readonly KeysReport[] {
  const own = join(stateDir, "keys.db");
  const stores = new Map<string, KeysReport>();
  const report = reportOf("sqlite", own);
  if (report.counts !== null) stores.set(own, report);
  for (const declared of graphs.flatMap(({ keyStores }) => keyStores)) {
    const path = pathOf(declared, own, baseDir);
    const place = path ?? `${declared.store} ${JSON.stringify(declared.options)}`;
    if (!stores.has(place)) stores.set(place, reportOf(declared.store, path));
  }
  return [...stores.values()];
}

function reportOf(store: string, path: string | null): KeysReport {
  const counts = path === null ? undefined : countSqliteKeys(path);
  const time = (timeMs: number): string => new Date(timeMs).toISOString();
  return {
    store,
    path,
    counts:
      counts?.map(({ fromMs, toMs, ...rest }) => ({ ...rest, from: time(fromMs), to: time(toMs) })) ?? null,
  };
}

/** Null for a store that is no file, and for a path that only the run itself could look up. */
function pathOf({ store, options }: GraphKeyStore, own: string, baseDir: string | undefined): string | null {
  const { path } = options;
  if (store !== "sqlite") return null;
  if (path === undefined) return own;
  if (typeof path !== "string" || (baseDir === undefined && !isAbsolute(path))) return null;
  return resolve(baseDir ?? "/", path);
}
