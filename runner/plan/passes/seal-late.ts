// Seals a value when the first output that contains it is written, and not before.
import type { SourcePlan, StreamPlan } from "../plan.ts";
import { type Decision, type Passed, pathsOf } from "./pass.ts";

export function sealLate(plan: SourcePlan): Passed {
  const decisions: Decision[] = [];
  const streams = plan.streams.map((stream): StreamPlan => {
    // Where the sealed stream itself is written, each event is sealed anyway.
    if (stream.seals.length > 0 && !stream.sinks.includes("events")) {
      decisions.push({
        pass: "seal-late",
        steps: [stream.name],
        fields: pathsOf(plan, stream.seals),
        reason: "Sealed when an output takes the event: one that is withheld from all is not sealed.",
      });
    }
    return { ...stream, seals: [] };
  });
  return { plan: { ...plan, streams }, decisions };
}
