// The optimizer: skips work that nobody sees. What it skips changes neither a byte of any output nor a count.
import { dropCiphertext } from "./passes/drop-ciphertext.ts";
import { dropStreams, neededStreams } from "./passes/drop-streams.ts";
import type { Decision, Pass } from "./passes/pass.ts";
import { sealLate } from "./passes/seal-late.ts";
import { shareLinks } from "./passes/share-links.ts";
import { skipFields } from "./passes/skip-fields.ts";
import { takePlaintext } from "./passes/take-plaintext.ts";
import type { SourcePlan } from "./plan.ts";

export interface Optimized {
  /** Absent where no sink takes anything of the source: it need not even be read. */
  readonly plan: SourcePlan | undefined;
  readonly decisions: readonly Decision[];
}

/** In this order: what one pass takes away, the next need not look at. */
const passes: readonly Pass[] = [
  dropStreams,
  takePlaintext,
  dropCiphertext,
  sealLate,
  shareLinks,
  skipFields,
];

/** Optimizes a plain plan. */
export function optimize(plain: SourcePlan): Optimized {
  if (neededStreams(plain).size === 0) {
    const steps = plain.streams.map(({ name }) => name);
    const sentence = `${plain.source} is not read, since no sink takes anything of it, directly or further down.`;
    return { plan: undefined, decisions: [{ pass: "drop-streams", steps, fields: [], sentence }] };
  }
  const decisions: Decision[] = [];
  let plan = plain;
  for (const pass of passes) {
    const passed = pass(plan);
    plan = passed.plan;
    decisions.push(...passed.decisions);
  }
  return { plan, decisions };
}
