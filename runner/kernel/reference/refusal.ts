// The one way in which an event is refused while it is read: thrown, and caught where the event began.
import type { EventCode } from "../event-codes.ts";

/** Not an Error on purpose: it has no stack to build, for hostile input may be all refusals. Its texts carry no value. */
export class Refusal {
  readonly code: EventCode;
  readonly reason: string;
  readonly path: string | undefined;

  constructor(code: EventCode, reason: string, path: string | undefined) {
    this.code = code;
    this.reason = reason;
    this.path = path;
  }
}

/**
 * An error for what must not happen inside an event. It keeps where in our code it happened and drops the message, which
 * may quote the event.
 */
export function withoutText(thrown: unknown): Error {
  const error = new Error(
    "The kernel failed on an event. This is a bug in strm; the event's text is left out.",
  );
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  const frames = stack.split("\n").filter((line) => /^\s+at [^"']*:\d+:\d+\)?$/.test(line));
  error.stack = [`Error: ${error.message}`, ...frames].join("\n");
  return error;
}
