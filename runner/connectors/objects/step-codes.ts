// The codes of failures with what a step says of its objects, and with objects that are in its way.
import type { CodePage } from "../../../dsl/diagnostics/code-page.ts";

export const bucketStepCodes = {
  "bucket.options": {
    title: "A step's options for its bucket don't go together",
    why: "What the step says of its objects can't be done: a name without `{id}`, an unknown part of a name or a folder, a prefix that begins with `/`.",
    fix: "Put right what the message names.",
    example: { wrong: 'by = "date=%x"', right: 'by = "date=%Y-%m-%d"' },
  },
  "bucket.object-differs": {
    title: "Another object has the name that a sink's object has",
    why: "Names derive from the events' places in their source, so that a repeated write is the same object. Here one stands that has other contents: events were sealed with other keys, another pipeline writes below the same prefix, or somebody changed it.",
    fix: "Move the object away, give the sink a `prefix` of its own, or say `overwrite = true` where it may be lost.",
  },
} as const satisfies Readonly<Record<string, CodePage>>;
