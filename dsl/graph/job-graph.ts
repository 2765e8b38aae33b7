// The job graph: all that the runner needs to know of a program, as plain JSON.

import type { Json, OptionValues, Reference } from "../spec/option-value.ts";

export type { Json, OptionValue, OptionValues, Reference } from "../spec/option-value.ts";

export interface JobGraph {
  readonly version: 1;
  /** The entry file's name without folder and extension. */
  readonly name: string;
  /** Declared purposes by level, ascending; empty where none are declared. */
  readonly purposes: readonly GraphPurpose[];
  readonly contracts: readonly GraphContract[];
  readonly keyStores: readonly GraphKeyStore[];
  /** Every step stands behind the one it reads from. */
  readonly steps: readonly GraphStep[];
  /** SHA-256 of the canonical JSON without this member, lowercase hex. */
  readonly hash: string;
}

export interface GraphPurpose {
  readonly name: string;
  readonly level: number;
  readonly reason?: string;
}

export interface GraphContract {
  readonly name: string;
  /** `handle/name/1.0.0` */
  readonly ref: string;
  /** An Avro record schema with every named type defined at its first use. */
  readonly schema: Json;
  readonly unknown: "reject" | "drop" | "pass";
  /** Dotted paths, here and below. */
  readonly key: string;
  readonly subject?: string;
  readonly consent: GraphConsent;
  readonly time?: GraphTime;
  readonly personal: readonly { readonly path: string; readonly purpose: number }[];
  /**
   * Fields that are read and stand in no stream, a record for all that is in it; behind one, the personal fields inside of it. Absent where there
   * are none.
   */
  readonly dropped?: readonly { readonly path: string; readonly purpose?: number }[];
  readonly matches: readonly { readonly path: string; readonly pattern: string; readonly flags: string }[];
}

export interface GraphConsent {
  readonly path: string;
  /** A level implies all lower ones. */
  readonly cumulative: boolean;
  /** Levels by text, for consent that is text; `otherwise` is for a text the map lacks (absent: such an event is rejected). */
  readonly map?: Readonly<Record<string, readonly number[]>>;
  readonly otherwise?: readonly number[];
}

export interface GraphTime {
  readonly path: string;
  /** Absent: epoch milliseconds (or what the schema's logical type says). */
  readonly format?: string;
  /** IANA zone for texts that carry none; absent: UTC. */
  readonly zone?: string;
}

export interface GraphKeyStore {
  readonly name: string;
  readonly store: string;
  /** How long after its window closed a key is removed; absent: never. */
  readonly retainMs?: number;
  readonly masterKey?: Reference;
  /** How many links a runner keeps in memory; absent: as many as the runner sees fit. */
  readonly cachedLinks?: number;
  readonly options: OptionValues;
}

export type GraphStep = SourceStep | EncryptStep | DecryptStep | SinkStep;

/** What one field of a stream is. `path` may lead through lists. */
export interface FieldState {
  readonly path: string;
  /** The Avro type in short, for people: `string`, `string?`, `string[]`, `record`. */
  readonly type: string;
  readonly state: "open" | "raw" | "sealed" | "clear" | "masked";
  readonly purpose?: number;
}

interface StreamStep {
  /** The stream's name, which is the step's name too. */
  readonly name: string;
  readonly contract: string;
  readonly fields: readonly FieldState[];
}

export interface SourceStep extends StreamStep {
  readonly kind: "source";
  readonly sealed: boolean;
  readonly connector: string;
  readonly options: OptionValues;
}

export type Scheme = "purpose_bound" | "strm";

/** How long a key link's window is: a span from the first event on, or UTC calendar days. */
export type Rotation = { readonly kind: "span"; readonly spanMs: number } | { readonly kind: "daily" };

export interface EncryptStep extends StreamStep {
  readonly kind: "encrypt";
  readonly from: string;
  readonly keys: string;
  readonly scheme: Scheme;
  readonly rotate: Rotation;
}

export interface DecryptStep extends StreamStep {
  readonly kind: "decrypt";
  readonly from: string;
  readonly keys: string;
  readonly scheme: Scheme;
  readonly mode: "granular" | "cumulative";
  /** R: every level the event must have consent for, ascending. */
  readonly purposes: readonly number[];
  readonly mask: readonly string[];
  /** Present where `mask` is not empty. */
  readonly maskSeed?: Reference;
  readonly maskAlgorithm: "hmac_sha256" | "murmur3";
}

export interface SinkStep {
  readonly kind: "sink";
  /** `safe->file`, `safe->file#2`, `clicks.rejected->file` */
  readonly name: string;
  readonly from: string;
  readonly side: "events" | "rejected" | "keys";
  readonly connector: string;
  /** The reason given for writing personal values in clear. */
  readonly exposing?: string;
  /** Its connector takes events one by one, each with its key and headers, and not as whole lines. */
  readonly records?: true;
  readonly options: OptionValues;
}
