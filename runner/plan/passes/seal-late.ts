// Seals a value when the first output that contains it is written, and not before.
import type { SourcePlan, StreamPlan } from "../plan.ts";
import { type Decision, listed, type Passed, pathsOf } from "./pass.ts";

export function sealLate(plan: SourcePlan): Passed {
  const decisions: Decision[] = [];
  const streams = plan.streams.map((stream): StreamPlan => {
    // Where the sealed stream itself is written, each event is sealed anyway.
    if (stream.seals.length > 0 && !stream.sinks.includes("events")) {
      const fields = pathsOf(plan, stream.seals);
      decisions.push({
        pass: "seal-late",
        steps: [stream.name],
        fields,
        sentence: `${stream.name} seals ${listed(fields)} only for events that reach an output with the ciphertext, since it is not written itself.`,
      });
    }
    return { ...stream, seals: [] };
  });
  return { plan: { ...plan, streams }, decisions };
}
