// What connectors and key stores declare about themselves, as data; a catalog is a list of such declarations.
import type { Json } from "./option-value.ts";
import type { OptionTable } from "./options.ts";

export type { OptionsOf, OptionTable } from "./options.ts";

export interface ConnectorSpec<S extends OptionTable = OptionTable, K extends OptionTable = OptionTable> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Absent where nothing can be read from it. */
  readonly source?: SourceSpec<S>;
  /** Absent where nothing can be written to it. */
  readonly sink?: SinkSpec<K>;
}

/** What becomes of events when a run breaks off and is started again. */
export interface Recovery<K extends string> {
  readonly kind: K;
  /** A clause that completes "since …". */
  readonly why: string;
  /** The options it holds for, as the program states them; absent: for all that no earlier entry is about. */
  readonly when?: Readonly<Record<string, Json>>;
}

/** `exact`: it goes on right behind the last event of the checkpoint. `loses`: what it gave out since then is gone. */
export type SourceRecovery = Recovery<"exact" | "loses">;

/** `exact`: what came after the checkpoint is taken back or overwritten. `repeats`: it stays, and is written again. */
export type SinkRecovery = Recovery<"exact" | "repeats">;

export interface SourceSpec<S extends OptionTable = OptionTable> {
  readonly options: S;
  /** The first is the default, but for paths and patterns whose extension names another. */
  readonly formats: readonly string[];
  /** The first whose `when` holds; the last has none. */
  readonly recovery: readonly SourceRecovery[];
  /** Options that may change between two runs of which the second goes on: the events are the same. */
  readonly tuning: readonly string[];
  /** It goes on until the run is stopped, where options are as given (null: not given); absent: it ends by itself. */
  readonly endless?: { readonly when: Readonly<Record<string, Json>> };
  /** A process can read it only once, from where it stands: a run can't go back to its last checkpoint. */
  readonly once?: true;
  /** A whole statement that checks. */
  readonly example: string;
}

export interface SinkSpec<K extends OptionTable = OptionTable> {
  readonly options: K;
  /** By what is written; the first is the default, but for paths and patterns whose extension names another. */
  readonly formats: Readonly<Record<"events" | "rejected" | "keys", readonly string[]>>;
  /** As for sources. */
  readonly recovery: readonly SinkRecovery[];
  /** `exact` holds behind a source of this connector only where these options are the source's, too: one transaction spans one cluster. */
  readonly joins?: readonly string[];
  readonly tuning: readonly string[];
  /** Events are taken one by one, each with its key and headers, and not as whole lines. */
  readonly records?: true;
  /** True where several sinks may write to one place, as to a topic. */
  readonly shared: boolean;
  /** The options that together say where it writes, and those that say with whose rights. */
  readonly place: readonly string[];
  /** The option of `place`, in the source as well, that is a folder: who may read it may read all that is below it. */
  readonly prefix?: string;
  readonly credentials: readonly string[];
  readonly example: string;
}

export interface KeyStoreSpec<O extends OptionTable = OptionTable> {
  readonly name: string;
  readonly summary: string;
  readonly options: O;
  /** The options that together say where the keys are. */
  readonly place: readonly string[];
  readonly example: string;
}

/** All that a program may name. The compiler knows connectors and stores from here alone. */
export interface Catalog {
  readonly connectors: readonly ConnectorSpec[];
  readonly keyStores: readonly KeyStoreSpec[];
  /** The store of programs without a `keys` statement. */
  readonly defaultKeyStore: string;
}
