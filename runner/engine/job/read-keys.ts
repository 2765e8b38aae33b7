// How many keys the stores of a state folder hold; no master key is needed for that, and none is read.
import { isAbsolute, join, resolve } from "node:path";
import type { GraphKeyStore, JobGraph } from "../../../dsl/graph/job-graph.ts";
import { resolveOptions } from "../../../dsl/spec/resolve.ts";
import { StrmFailure } from "../../failure.ts";
import type { KeyCounts } from "../../privacy/stores/key-counts.ts";
import { countPostgresKeys } from "../../privacy/stores/postgres-counts.ts";
import { postgresOptions } from "../../privacy/stores/postgres-spec.ts";
import { postgresTarget } from "../../privacy/stores/postgres-target.ts";
import { countSqliteKeys } from "../../privacy/stores/sqlite-counts.ts";
import { type Environment, lookupIn } from "../values.ts";

/** Members are the very names of the JSON output. Times are ISO 8601 in UTC. */
export interface KeysReport {
  readonly store: string;
  /** The store's file; null where it is none, or can't be told from here. */
  readonly path: string | null;
  /** Schema, server and name of the store's database, where it is one that can be told from here. */
  readonly database?: string;
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
  /** Why a database could not be asked. */
  readonly problem?: string;
}

/** What a pipeline's references are looked up from. */
export interface Surroundings {
  readonly stateDir: string;
  /** Folder of the pipeline's file, where known. */
  readonly baseDir?: string;
  readonly environment: Environment;
}

/** The state folder's own store and those of the graphs, each once. Throws `keys.*` for a store that is a file. */
export async function readKeys(
  graphs: readonly JobGraph[],
  surroundings: Surroundings,
): Promise<readonly KeysReport[]> {
  const own = join(surroundings.stateDir, "keys.db");
  const stores = new Map<string, KeysReport>();
  const report = fileReport(own);
  if (report.counts !== null) stores.set(own, report);
  for (const declared of graphs.flatMap(({ keyStores }) => keyStores)) {
    const path = pathOf(declared, own, surroundings.baseDir);
    const place = path ?? `${declared.store} ${JSON.stringify(declared.options)}`;
    if (stores.has(place)) continue;
    stores.set(place, path === null ? await elsewhere(declared, surroundings) : fileReport(path));
  }
  return [...stores.values()];
}

function fileReport(path: string): KeysReport {
  return { store: "sqlite", path, counts: shown(countSqliteKeys(path)) };
}

/** A store that is no file that can be told from here. A server that does not answer hides nothing of the rest. */
async function elsewhere(
  { store, options }: GraphKeyStore,
  { baseDir, environment }: Surroundings,
): Promise<KeysReport> {
  const unknown = { store, path: null, counts: null };
  if (store !== "postgres") return unknown;
  const resolved = resolveOptions(postgresOptions, options, lookupIn(environment, baseDir ?? "/"));
  if (!resolved.ok) return unknown;
  let database: string | undefined;
  try {
    const target = await postgresTarget(resolved.value, baseDir ?? "/");
    database = target.place;
    return { ...unknown, database, counts: shown(await countPostgresKeys(target)) ?? [] };
  } catch (error) {
    if (!(error instanceof StrmFailure)) throw error;
    return { ...unknown, ...(database !== undefined && { database }), problem: error.message };
  }
}

function shown(counts: readonly KeyCounts[] | undefined): KeysReport["counts"] {
  const time = (timeMs: number): string => new Date(timeMs).toISOString();
  return (
    counts?.map(({ fromMs, toMs, ...rest }) => ({ ...rest, from: time(fromMs), to: time(toMs) })) ?? null
  );
}

/** Null for a store that is no file, and for a path that only the run itself could look up. */
function pathOf({ store, options }: GraphKeyStore, own: string, baseDir: string | undefined): string | null {
  const { path } = options;
  if (store !== "sqlite") return null;
  if (path === undefined) return own;
  if (typeof path !== "string" || (baseDir === undefined && !isAbsolute(path))) return null;
  return resolve(baseDir ?? "/", path);
}
