// What connectors and key stores declare about themselves, as data; a catalog is a list of such declarations.
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

export interface SourceSpec<S extends OptionTable = OptionTable> {
  readonly options: S;
  /** The first is the default, but for paths whose extension names another. */
  readonly formats: readonly string[];
  /** What is read again when a run is started again, and why. */
  readonly replay: { readonly kind: "whole" | "none"; readonly why: string };
  /** A whole statement that checks. */
  readonly example: string;
}

export interface SinkSpec<K extends OptionTable = OptionTable> {
  readonly options: K;
  /** By what is written; the first is the default, but for paths whose extension names another. */
  readonly formats: Readonly<Record<"events" | "rejected" | "keys", readonly string[]>>;
  /** What a repeated write does to what stands there already, and why. */
  readonly repeat: { readonly kind: "replaces" | "appends"; readonly why: string };
  /** The options that together say where it writes, and those that say with whose rights. */
  readonly place: readonly string[];
  readonly credentials: readonly string[];
  readonly example: string;
}

export interface KeyStoreSpec<O extends OptionTable = OptionTable> {
  readonly name: string;
  readonly summary: string;
  readonly options: O;
  readonly example: string;
}

/** All that a program may name. The compiler knows connectors and stores from here alone. */
export interface Catalog {
  readonly connectors: readonly ConnectorSpec[];
  readonly keyStores: readonly KeyStoreSpec[];
  /** The store of programs without a `keys` statement. */
  readonly defaultKeyStore: string;
}
