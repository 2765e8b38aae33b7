// Reads the rows of a database that keeps keys.
import type { Link } from "../key-store.ts";

export type Row = Readonly<Record<string, unknown>>;

export const number = (row: Row, name: string): number => Number(row[name]);
export const text = (row: Row, name: string): string => String(row[name]);
/** An array of its own: what a driver gives may be a part of what it received. */
export const blob = (row: Row, name: string): Uint8Array =>
  row[name] instanceof Uint8Array ? new Uint8Array(row[name]) : new Uint8Array();

/** What keys of the same value are kept apart by. */
export type Space = Pick<Link, "contract" | "scheme">;

/** A link that was there before, of a row with `key_link`, `start_ms`, `end_ms` and `wrapped_secret`. */
export function linkOf(row: Row, { contract, scheme }: Space): Link {
  return {
    keyLink: text(row, "key_link"),
    contract,
    scheme,
    startMs: number(row, "start_ms"),
    endMs: number(row, "end_ms"),
    wrappedSecret: blob(row, "wrapped_secret"),
    created: false,
    rotated: false,
  };
}

/** The same of a row that holds `contract` and `scheme`, too. */
export function namedLinkOf(row: Row): Link {
  const scheme = row.scheme === "strm" ? "strm" : "purpose_bound";
  return linkOf(row, { contract: text(row, "contract"), scheme });
}
