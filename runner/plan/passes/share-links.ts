// Lets decrypt steps that open with the same store's keys ask for a key link once.
import type { KeyPlan, SourcePlan, StreamPlan } from "../plan.ts";
import type { Decision, Passed } from "./pass.ts";

export function shareLinks(plan: SourcePlan): Passed {
  const { keyed } = plan;
  const first = keyed.map((key) => keyed.findIndex((other) => isSame(key, other)));
  const shared = [...keyed.keys()].filter((index) => first[index] !== index);
  if (shared.length === 0) return { plan, decisions: [] };
  const kept = [...keyed.keys()].filter((index) => first[index] === index);
  const place = (index: number): number => kept.indexOf(first[index] ?? -1);
  const streams = plan.streams.map(
    (stream): StreamPlan => ({
      ...stream,
      sealer: place(stream.sealer),
      fields: stream.fields.map((field) =>
        field.opener === undefined ? field : { ...field, opener: place(field.opener) },
      ),
    }),
  );
  const reason = "It opens with the same keys as a step before it, so a key link is asked for once.";
  const decisions = shared.map((index): Decision => {
    const steps = [keyed[first[index] ?? -1], keyed[index]].flatMap((key) => key?.step ?? []);
    return { pass: "share-links", steps, fields: [], reason };
  });
  return { plan: { ...plan, streams, keyed: kept.flatMap((index) => keyed[index] ?? []) }, decisions };
}

function isSame(one: KeyPlan, other: KeyPlan): boolean {
  return (
    one === other ||
    (one.kind === "link" && other.kind === "link" && one.keys === other.keys && one.scheme === other.scheme)
  );
}
