// What the stdin connector declares: JSON lines from another program.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { boolean, defaulted, fixed } from "../../../dsl/spec/options.ts";

const sourceOptions = {
  resend: fixed(
    defaulted(
      boolean(),
      false,
      "Say `true` where the sender sends everything from the start, the same bytes, whenever a run is started again: what the checkpoint holds is skipped then.",
    ),
  ),
};

export const stdinSpec = {
  name: "stdin",
  summary: "JSON lines from the standard input of `strm run`.",
  source: {
    options: sourceOptions,
    formats: ["json"],
    recovery: [
      {
        kind: "exact",
        why: "the sender sends everything again, and what the checkpoint holds is skipped",
        when: { resend: true },
      },
      { kind: "loses", why: "what was read from a pipe can't be read again" },
    ],
    tuning: [],
    endless: { when: {} },
    once: true,
    example: "source clicks of clickstream from stdin",
  },
} as const satisfies ConnectorSpec<typeof sourceOptions>;
