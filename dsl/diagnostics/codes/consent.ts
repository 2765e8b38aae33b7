// The codes about `for granular(…)` and `for cumulative(…)`.
import type { DiagnosticPage } from "../codes.ts";

export const consentCodes = {
  "consent.mode": {
    severity: "error",
    title: "A decrypt asks for consent in an unknown way",
    why: "There are two ways to ask. `granular(a, b)` asks for exactly these purposes. `cumulative(n)` asks for a purpose and all below it.",
    fix: "Write `for granular(…)` or `for cumulative(…)`.",
    example: {
      wrong: "decrypt safe into research for granul(analytics)",
      right: "decrypt safe into research for granular(analytics)",
    },
  },
  "consent.no-purposes": {
    severity: "error",
    title: "A decrypt is for no purpose",
    why: "Data is opened for a purpose, or not at all. An empty list would pass every event and open nothing.",
    fix: "Name at least one purpose.",
    example: {
      wrong: "decrypt safe into research for granular()",
      right: "decrypt safe into research for granular(analytics)",
    },
  },
  "consent.cumulative-one": {
    severity: "error",
    title: "`cumulative` has more than one purpose",
    why: "`cumulative(n)` already asks for every purpose up to n. A second one would say nothing, or something else than was meant.",
    fix: "Name the highest purpose only, or list all of them in `granular(…)`.",
    example: {
      wrong: "decrypt safe into research for cumulative(functional, analytics)",
      right: "decrypt safe into research for cumulative(analytics)",
    },
  },
  "consent.duplicate-purpose": {
    severity: "warning",
    title: "A decrypt names a purpose twice",
    why: "The second one changes nothing. Perhaps another purpose was meant.",
    fix: "Remove one of the two, or write the one that was meant.",
    example: {
      wrong: "decrypt safe into research for granular(analytics, analytics)",
      right: "decrypt safe into research for granular(functional, analytics)",
    },
  },
  "consent.no-field": {
    severity: "warning",
    title: "A decrypt asks for a purpose that no field has",
    why: "Events without consent for this purpose are withheld, and in the others nothing more is opened for it. Events are dropped for nothing.",
    fix: "Remove the purpose, unless the stream itself must be limited to people who consented to it.",
    example: {
      wrong: "decrypt safe into research for granular(analytics, marketing)",
      right: "decrypt safe into research for granular(analytics)",
    },
  },
} as const satisfies Record<string, DiagnosticPage>;
