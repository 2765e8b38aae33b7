// Opens a key store as a run does: by its name and its options.
import type { OptionValues } from "../../dsl/spec/option-value.ts";
import type { KeyStore, LinkRequest } from "../../runner/privacy/key-store.ts";
import { keyStores } from "../../runner/privacy/stores/index.ts";

/** A store, as a `keys` statement names it; `stateDir` is absolute. */
export interface StorePlace {
  readonly store: string;
  readonly options: OptionValues;
  readonly stateDir: string;
}

export async function openKeyStore({ store, options, stateDir }: StorePlace): Promise<KeyStore> {
  const prepared = keyStores.find(({ spec }) => spec.name === store)?.prepare(options, () => undefined);
  if (!prepared?.ok) throw new Error(`no such store, or wrong options: ${store}`);
  return prepared.value({ baseDir: stateDir, stateDir });
}

/** What processes that race ask for. */
export interface RacePlan {
  readonly values: number;
  /** Absent: each value once, at one and the same moment. */
  readonly random?: { readonly batches: number; readonly withinMs: number };
}

/** What a process was given for a value at a moment. */
export interface GivenLink {
  readonly value: number;
  readonly timeMs: number;
  readonly keyLink: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly created: boolean;
}

/** Stands for the digest of a value. */
export function digestOf(value: number): Uint8Array {
  const digest = new Uint8Array(32);
  new DataView(digest.buffer).setUint32(28, value);
  return digest;
}

export const DAY_MS = 86_400_000;

export function linkRequest(value: number, timeMs: number, more: Partial<LinkRequest> = {}): LinkRequest {
  return {
    contract: "acme/clicks/1.0.0",
    scheme: "purpose_bound",
    digest: digestOf(value),
    timeMs,
    rotate: { kind: "span", spanMs: DAY_MS },
    ...more,
  };
}
