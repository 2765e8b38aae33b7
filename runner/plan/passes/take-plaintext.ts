// Takes the plaintext at hand where a decrypt opens what the same job has just sealed.
import type { FieldPlan, SourcePlan, StreamPlan } from "../plan.ts";
import { type Decision, listed, type Passed, pathsOf, them } from "./pass.ts";

export function takePlaintext(plan: SourcePlan): Passed {
  const decisions: Decision[] = [];
  const streams = plan.streams.map((stream): StreamPlan => {
    if (stream.sealer < 0) return stream;
    if (stream.opens.length > 0) {
      const fields = pathsOf(plan, stream.opens);
      decisions.push({
        pass: "take-plaintext",
        steps: [stream.name],
        fields,
        sentence: `${stream.name} takes the plaintext of ${listed(fields)} instead of decrypting, since this job encrypts ${them(fields)} itself.`,
      });
    }
    return { ...stream, fields: stream.fields.map(plain), opens: [] };
  });
  return { plan: { ...plan, streams }, decisions };
}

function plain(field: FieldPlan): FieldPlan {
  if (field.value !== "opened") return field;
  return { value: "plain", ...(field.mask === undefined ? {} : { mask: field.mask }) };
}
