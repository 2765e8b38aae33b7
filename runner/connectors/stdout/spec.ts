// What the stdout connector declares: JSON lines for another program.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";

export const stdoutSpec = {
  name: "stdout",
  summary:
    "JSON lines on the standard output of `strm run`. Progress and summary go to the standard error then.",
  sink: {
    options: {},
    formats: { events: ["json"], rejected: ["json"], keys: ["csv", "json"] },
    recovery: [{ kind: "repeats", why: "what another program has read from a pipe can't be taken back" }],
    tuning: [],
    shared: false,
    place: [],
    credentials: [],
    example: "sink safe into stdout",
  },
} as const satisfies ConnectorSpec;
