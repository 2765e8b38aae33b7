// How many keys a store holds, by contract and scheme: counts alone, so that no master key is needed.
import { number, type Row, text } from "./row.ts";

export interface KeyCounts {
  /** The contract's reference, `handle/name/1.0.0`. */
  readonly contract: string;
  readonly scheme: string;
  readonly links: number;
  /** From the start of the first window to the end of the last one. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a store's database is asked, with what joins links and their contracts. */
export const countsQuery = (tables: string): string =>
  `SELECT contract, scheme, count(*) AS links, min(start_ms) AS from_ms, max(end_ms) AS to_ms
   FROM ${tables} GROUP BY contract, scheme ORDER BY contract, scheme`;

export function keyCountsOf(rows: readonly Row[]): readonly KeyCounts[] {
  return rows.map((row) => ({
    contract: text(row, "contract"),
    scheme: text(row, "scheme"),
    links: number(row, "links"),
    fromMs: number(row, "from_ms"),
    toMs: number(row, "to_ms"),
  }));
}
