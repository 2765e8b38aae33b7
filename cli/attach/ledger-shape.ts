// The shape of a ledger, and the bounds that whatever comes of a run has to keep.
import { amount, flag, list, name, object, oneOf } from "./bounded.ts";

/** No pipeline that a person can watch has more; what is drawn of it takes time for each. */
export const MOST_STEPS = 500;

/** Purposes of one contract, or of one person's consent. */
export const MOST_LEVELS = 256;

export const stepKind = oneOf("source", "encrypt", "decrypt", "sink");

const stepLedger = object({
  name,
  kind: stepKind,
  in: amount,
  out: amount,
  withheld: amount,
  rejected: amount,
  in_flight: amount,
  written_bytes: amount,
});

export const ledger = object({
  elapsed_ms: amount,
  balanced: flag,
  read_bytes: amount,
  steps: list(stepLedger, MOST_STEPS),
  edges: list(object({ from: name, to: name, events: amount }), 4 * MOST_STEPS),
  resident_bytes: amount,
});

export function haveNamesOfTheirOwn(steps: readonly { readonly name: string }[]): boolean {
  return new Set(steps.map(({ name }) => name)).size === steps.length;
}
