// What every pass of the optimizer is: a plan in, a plan out that writes the same bytes, and what was decided in between.
import type { SourcePlan } from "../plan.ts";

export type PassName =
  | "drop-streams"
  | "take-plaintext"
  | "drop-ciphertext"
  | "seal-late"
  | "share-links"
  | "skip-fields";

/** What a pass changed, for people. */
export interface Decision {
  readonly pass: PassName;
  readonly steps: readonly string[];
  /** Dotted paths; empty where it is about whole streams. */
  readonly fields: readonly string[];
  /** One sentence that names them: what is saved, and why that changes nothing. */
  readonly sentence: string;
}

export interface Passed {
  readonly plan: SourcePlan;
  readonly decisions: readonly Decision[];
}

export type Pass = (plan: SourcePlan) => Passed;

/** The paths of spots, in the plan's order. */
export function pathsOf(plan: SourcePlan, spots: readonly number[]): readonly string[] {
  return plan.spots.filter((_, index) => spots.includes(index)).map(({ path }) => path);
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  const [last = "", ...others] = names.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(", ")} and ${last}`;
}

/** The pronoun for what was listed. */
export function them(names: readonly string[]): string {
  return names.length === 1 ? "it" : "them";
}
