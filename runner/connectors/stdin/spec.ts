// What the stdin connector declares: JSON lines from another program.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";

export const stdinSpec = {
  name: "stdin",
  summary: "JSON lines from the standard input of `strm run`.",
  source: {
    options: {},
    formats: ["json"],
    replay: { kind: "none", why: "what was read from a pipe can't be read again" },
    example: "source clicks of clickstream from stdin",
  },
} as const satisfies ConnectorSpec;
