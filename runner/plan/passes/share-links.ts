// Lets decrypt steps that open with the same store's keys ask for a key link once.
import type { KeyPlan, SourcePlan, StreamPlan } from "../plan.ts";
import { type Decision, listed, type Passed } from "./pass.ts";

export function shareLinks(plan: SourcePlan): Passed {
  const { keyed } = plan;
  const first = keyed.map((key) => keyed.findIndex((other) => isSame(key, other)));
  const kept = [...keyed.keys()].filter((index) => first[index] === index);
  if (kept.length === keyed.length) return { plan, decisions: [] };
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
  const decisions = kept.flatMap((index) => {
    const sharing = keyed.filter((_, other) => first[other] === index);
    return sharing.length > 1 ? [decisionOn(sharing)] : [];
  });
  return { plan: { ...plan, streams, keyed: kept.flatMap((index) => keyed[index] ?? []) }, decisions };
}

function decisionOn(sharing: readonly KeyPlan[]): Decision {
  const steps = sharing.map(({ step }) => step);
  const sentence = `${listed(steps)} ask once for each key link, since they open by the same scheme with the keys of ${sharing[0]?.keys}.`;
  return { pass: "share-links", steps, fields: [], sentence };
}

function isSame(one: KeyPlan, other: KeyPlan): boolean {
  return (
    one === other ||
    (one.kind === "link" && other.kind === "link" && one.keys === other.keys && one.scheme === other.scheme)
  );
}
