// Where a source begins in a partition of which the group knows nothing.
import { StrmFailure } from "../../failure.ts";

export type Start = "earliest" | "latest" | { readonly timeMs: number };

/** What the option `start` says. Throws `kafka.options`. */
export function startOf(start: string, step: string): Start {
  if (start === "earliest" || start === "latest") return start;
  const timeMs = Date.parse(start);
  // A date without a zone would mean another moment on another machine.
  if (Number.isNaN(timeMs) || !/(?:Z|[+-]\d{2}:?\d{2})$/.test(start)) {
    throw new StrmFailure(
      "kafka.options",
      `The \`start\` of \`${step}\` is none.`,
      "Say `earliest`, `latest`, or a time with its zone, such as `2026-11-20T00:00:00Z`.",
    );
  }
  return { timeMs };
}
