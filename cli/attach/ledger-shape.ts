// The shape of a ledger, and the bounds that whatever comes of a run has to keep.
import type { Ledger, StepKind, StepLedger } from "../../runner/index.ts";
import { amount, flag, list, name, object, oneOf, type Shape } from "./shape.ts";

/** No pipeline that a person can watch has more; what is drawn of it takes time for each. */
export const MOST_STEPS = 500;

export const stepKind: Shape<StepKind> = oneOf("source", "encrypt", "decrypt", "sink");

const stepLedger = object<StepLedger>({
  name,
  kind: stepKind,
  in: amount,
  out: amount,
  withheld: amount,
  rejected: amount,
  in_flight: amount,
  written_bytes: amount,
});

export const ledger = object<Ledger>({
  elapsed_ms: amount,
  balanced: flag,
  read_bytes: amount,
  steps: list(stepLedger, MOST_STEPS),
  edges: list(object<Ledger["edges"][number]>({ from: name, to: name, events: amount }), 4 * MOST_STEPS),
  resident_bytes: amount,
});
