// How much a run event matters, in the words that collectors of logs know.
import type { RunEvent } from "../../runner/index.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** Progress comes twice a second and repeats itself; what may need somebody is a warning, what does is an error. */
export function levelOf(event: RunEvent): Level {
  switch (event.type) {
    case "progress":
      return event.ledger.balanced ? "debug" : "error";
    case "retry":
    case "rejected":
    case "uncovered":
    case "warning":
      return "warn";
    case "failed":
      return "error";
    case "finished":
      return event.outcome === "failed" || !event.ledger.balanced ? "error" : "info";
    case "checkpoint":
    case "keys":
    case "opened":
    case "recovered":
    case "started":
    case "stopping":
    case "written":
      return "info";
  }
}
