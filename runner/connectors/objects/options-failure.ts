// The failure of a step whose options can't work together.
import { StrmFailure } from "../../failure.ts";

/** `what` completes "can't be opened: …"; `help` is a sentence. */
export function optionsFailure(step: string, what: string, help: string): StrmFailure {
  return new StrmFailure("bucket.options", `Step \`${step}\` can't be opened: ${what}.`, help);
}
