// The list of key stores, each with its declaration and the way to open it.
import { join, resolve } from "node:path";
import type { KeyStoreSpec, OptionsOf, OptionTable } from "../../../dsl/spec/connector-spec.ts";
import type { OptionValues } from "../../../dsl/spec/option-value.ts";
import { optional, path } from "../../../dsl/spec/options.ts";
import { type Lookup, type Resolved, resolveOptions } from "../../../dsl/spec/resolve.ts";
import type { KeyStore } from "../key-store.ts";
import { postgresSpec } from "./postgres-spec.ts";

const sqliteOptions = {
  path: optional(path(), "The database file. Without it: `keys.db` in the state folder."),
};

const sqliteSpec: KeyStoreSpec<typeof sqliteOptions> = {
  name: "sqlite",
  summary: "Keys in one SQLite file on this machine, for one runner or several on the same disk.",
  options: sqliteOptions,
  place: ["path"],
  example: 'keys vault in sqlite { path = "vault/keys.db", retain = 30d }',
};

export interface StoreContext {
  /** Folder of the pipeline's file, absolute: relative paths start here. */
  readonly baseDir: string;
  readonly stateDir: string;
}

/** A store of the graph with its references resolved: opening it can fail only for what it finds there. */
export interface KeyStoreKind {
  readonly spec: KeyStoreSpec;
  /** Checks and resolves the options; the driver is loaded when the result is called. */
  prepare(values: OptionValues, lookup: Lookup): Resolved<(context: StoreContext) => Promise<KeyStore>>;
  /** Tries what a run will need, and leaves nothing behind. Resolves to what was found, in a few words; throws `keys.*`. */
  attempt(values: OptionValues, lookup: Lookup): Resolved<(context: StoreContext) => Promise<string>>;
}

async function openSqlite(
  options: OptionsOf<typeof sqliteOptions>,
  context: StoreContext,
): Promise<KeyStore> {
  const { openSqliteStore } = await import("./sqlite.ts");
  return openSqliteStore(sqliteFile(options, context));
}

function sqliteFile(
  { path: given }: OptionsOf<typeof sqliteOptions>,
  { baseDir, stateDir }: StoreContext,
): string {
  return given === undefined ? join(stateDir, "keys.db") : resolve(baseDir, given);
}

type Act<O extends OptionTable, R> = (options: OptionsOf<O>, context: StoreContext) => Promise<R>;

function kind<O extends OptionTable>(
  spec: KeyStoreSpec<O>,
  open: Act<O, KeyStore>,
  attempt: Act<O, string>,
): KeyStoreKind {
  const resolving =
    <R>(act: Act<O, R>) =>
    (values: OptionValues, lookup: Lookup): Resolved<(context: StoreContext) => Promise<R>> => {
      const resolved = resolveOptions(spec.options, values, lookup);
      return resolved.ok ? { ok: true, value: (context) => act(resolved.value, context) } : resolved;
    };
  return { spec, prepare: resolving(open), attempt: resolving(attempt) };
}

export const keyStores: readonly KeyStoreKind[] = [
  kind(sqliteSpec, openSqlite, async (options, context) =>
    (await import("./try-stores.ts")).trySqlite(sqliteFile(options, context)),
  ),
  kind(
    postgresSpec,
    async (options, { baseDir }) => (await import("./postgres.ts")).openPostgresStore(options, baseDir),
    async (options, { baseDir }) => (await import("./try-stores.ts")).tryPostgres(options, baseDir),
  ),
];

export const defaultKeyStore = "sqlite";
