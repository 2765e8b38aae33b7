// Seals nothing that no output contains.
import type { SourcePlan, StreamPlan } from "../plan.ts";
import { type Decision, listed, type Passed, pathsOf, them } from "./pass.ts";

export function dropCiphertext(plan: SourcePlan): Passed {
  const decisions: Decision[] = [];
  const streams = plan.streams.map((stream): StreamPlan => {
    const unseen = stream.seals.filter((spot) => !isNeeded(plan, stream.sealer, spot));
    if (unseen.length === 0) return stream;
    const fields = pathsOf(plan, unseen);
    decisions.push({
      pass: "drop-ciphertext",
      steps: [stream.name],
      fields,
      sentence: `${stream.name} makes no ciphertext of ${listed(fields)}, since no output holds ${them(fields)} sealed.`,
    });
    return { ...stream, seals: stream.seals.filter((spot) => !unseen.includes(spot)) };
  });
  return { plan: { ...plan, streams }, decisions };
}

/** True where some stream below the encrypt step writes the field sealed, or opens the ciphertext. */
function isNeeded({ streams }: SourcePlan, sealer: number, spot: number): boolean {
  return streams.some(
    (stream) =>
      stream.sealer === sealer &&
      ((stream.sinks.includes("events") && stream.fields[spot]?.value === "sealed") ||
        stream.opens.includes(spot)),
  );
}
