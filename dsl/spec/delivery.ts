// The promise a route from a source to a sink can keep, computed from what the two connectors declare.
import type { SinkSpec, SourceSpec } from "./connector-spec.ts";

export interface Delivery {
  readonly promise: "exactly-once" | "at-least-once" | "at-most-once";
  /** In sentences, for people. */
  readonly reason: string;
}

/**
 * What holds when a run breaks off and is started again. There is no recovery of a broken run yet: the next one starts
 * over, with all that its source can still read. Source and sink give their own reasons, which are passed on.
 */
export function deliveryOf(replay: SourceSpec["replay"], repeat: SinkSpec["repeat"]): Delivery {
  const { promise, reason } = routes[`${replay.kind}-${repeat.kind}`];
  return { promise, reason: [reason, sentence(replay.why), sentence(repeat.why)].join(" ") };
}

const routes = {
  "whole-replaces": {
    promise: "exactly-once",
    reason: "A run that is started again reads everything again and replaces what it wrote.",
  },
  "whole-appends": {
    promise: "at-least-once",
    reason: "A run that is started again reads everything again and writes it once more.",
  },
  "none-replaces": {
    promise: "at-most-once",
    reason:
      "A run that is started again doesn't get the events of the run before, and replaces what that one wrote.",
  },
  "none-appends": {
    promise: "at-most-once",
    reason: "Each event is read once. What a broken run had read and not yet written is lost.",
  },
} as const;

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
