// What a key store is: durable root secrets by contract, key value and window. One interface, one conformance suite.
import type { Rotation, Scheme } from "../../dsl/graph/job-graph.ts";

/** Asks for the key link of one key value at one moment of event time. */
export interface LinkRequest {
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  readonly scheme: Scheme;
  /** Keyed digest of the @key value (32 bytes): the store never sees the value. */
  readonly digest: Uint8Array;
  readonly timeMs: number;
  readonly rotate: Rotation;
}

/** A key link with its secret. The window is `[startMs, endMs)` in event time. */
export interface Link {
  /** A random UUID (RFC 9562 version 4), lowercase. */
  readonly keyLink: string;
  readonly contract: string;
  readonly scheme: Scheme;
  readonly startMs: number;
  readonly endMs: number;
  /** 32 random bytes, wrapped by the master key. */
  readonly wrappedSecret: Uint8Array;
  /** True where this very call made the link. */
  readonly created: boolean;
  /** True where it did, and the store held an earlier window of the same value: the value's keys have changed. */
  readonly rotated: boolean;
}

export interface SubjectLink {
  readonly contract: string;
  /** Keyed digest of the @subject value (32 bytes). */
  readonly digest: Uint8Array;
  readonly keyLink: string;
}

export interface KeyStoreCounts {
  readonly links: number;
  readonly subjects: number;
}

/**
 * Windows of one (contract, scheme, digest) never overlap: a new window starts at its event's time (or the UTC day's
 * start) and ends after `rotate`, or where the next window starts.
 * Every method resolves only when what it wrote is durable, and throws a `StrmFailure` with a `keys.*` code.
 */
export interface KeyStore {
  /** Get-or-create, one answer a request, in order; right under concurrency: two callers end with one link. */
  links(requests: readonly LinkRequest[], newSecrets: NewSecret): Promise<readonly Link[]>;
  /** The links by name, in order; undefined where the store has none (unknown, or removed). */
  byName(keyLinks: readonly string[]): Promise<readonly (Link | undefined)[]>;
  noteSubjects(subjects: readonly SubjectLink[]): Promise<void>;
  /** The key links of one subject, oldest window first. */
  linksOfSubject(contract: string, digest: Uint8Array): Promise<readonly string[]>;
  /** Removes the links whose window closed before `closedBeforeMs`, and their subjects' rows; returns how many. */
  purge(closedBeforeMs: number): Promise<number>;
  /** A small named value that is set once: returns the stored one, which is `value` only for the first caller. */
  setting(name: string, value: Uint8Array): Promise<Uint8Array>;
  /** Replaces every wrapped value, secrets and settings, in bounded steps. */
  rewrap(change: (wrapped: Uint8Array) => Uint8Array): Promise<number>;
  counts(): Promise<KeyStoreCounts>;
  close(): Promise<void>;
}

/** Makes the name and the wrapped secret for a link that is about to be created. */
export type NewSecret = () => { readonly keyLink: string; readonly wrappedSecret: Uint8Array };
