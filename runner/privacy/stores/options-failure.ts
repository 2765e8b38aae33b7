// The failure of options that are well formed each, and yet can't be used.
import { StrmFailure } from "../../failure.ts";

/** `rule` completes "The options of the key store can't be used: …". */
export function optionsFailure(rule: string, help: string, cause?: unknown): StrmFailure {
  return new StrmFailure("keys.options", `The options of the key store can't be used: ${rule}.`, help, {
    cause,
  });
}
