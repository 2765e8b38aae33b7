// What all sources of objects declare alike, whatever store they read from.
import type { SourceRecovery } from "../../../dsl/spec/connector-spec.ts";

const recovery: readonly SourceRecovery[] = [
  {
    kind: "exact",
    why: "the checkpoint holds which version of each object was read, and how far",
  },
];

export const objectSource = {
  formats: ["json", "avro"],
  recovery,
  endless: { when: { follow: true } },
} as const;

/** What may change between two runs of which the second goes on. */
export const objectSourceTuning = ["follow", "poll_every", "changed"] as const;
