// What is tried again, in words: where, why, since when, and when it gives up.
import type { Retrying } from "./state.ts";
import { count, duration, printable } from "./units.ts";

/** `safe->file: The disk is busy. (file.io) Attempt 3 failed after 2.1 s; next in 0.4 s, gives up in 1 min 58 s` */
export function retryInWords({ last, sinceMs }: Retrying): string {
  const { where, code, message, attempt, time, wait_ms, gives_up_in_ms } = last;
  const forMs = Date.parse(time) - sinceMs;
  const history = forMs > 0 ? ` after ${duration(forMs)}` : "";
  return (
    `${printable(where)}: ${printable(message)} (${code}) Attempt ${count(attempt)} failed${history}; ` +
    `next in ${duration(wait_ms)}, gives up in ${duration(gives_up_in_ms)}`
  );
}
