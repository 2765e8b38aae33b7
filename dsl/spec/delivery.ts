// The promise a route from a source to a sink can keep, computed from what the two connectors declare.
import type { SinkRecovery, SourceRecovery, SourceSpec } from "./connector-spec.ts";
import type { Json, OptionValues } from "./option-value.ts";

export interface Delivery {
  readonly promise: "exactly-once" | "at-least-once" | "at-most-once";
  /** In sentences, for people. */
  readonly reason: string;
}

/** What holds when a run breaks off, at any instant, and is started again: it goes on from its last checkpoint. */
export function deliveryOf(from: SourceRecovery, to: SinkRecovery): Delivery {
  const { promise, reason } = routes[`${from.kind}-${to.kind}`];
  return { promise, reason: [reason, sentence(from.why), sentence(to.why)].join(" ") };
}

const routes = {
  "exact-exact": {
    promise: "exactly-once",
    reason: "A run that is started again goes on from its last checkpoint, and nothing is lost or doubled.",
  },
  "exact-repeats": {
    promise: "at-least-once",
    reason:
      "A run that is started again goes on from its last checkpoint, and writes once more what it had written since.",
  },
  "loses-exact": {
    promise: "at-most-once",
    reason: "A run that breaks off loses the events that it had read since its last checkpoint.",
  },
  "loses-repeats": {
    promise: "at-most-once",
    reason: "A run that breaks off loses the events that it had read and not yet written.",
  },
} as const satisfies Record<
  `${SourceRecovery["kind"]}-${SinkRecovery["kind"]}`,
  Pick<Delivery, "promise" | "reason">
>;

/** True where the source goes on until the run is stopped. */
export function isEndless({ endless }: SourceSpec, options: OptionValues): boolean {
  return endless !== undefined && agree(endless.when, options);
}

/** The first entry that holds for options as the program states them. */
export function recoveryOf<R extends SourceRecovery | SinkRecovery>(
  recovery: readonly R[],
  options: OptionValues,
): R {
  const found = recovery.find(({ when = {} }) => agree(when, options));
  if (found === undefined) throw new Error("a connector declares no recovery that always holds");
  return found;
}

function agree(when: Readonly<Record<string, Json>>, options: OptionValues): boolean {
  return Object.entries(when).every(
    ([name, value]) => JSON.stringify(options[name] ?? null) === JSON.stringify(value),
  );
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
