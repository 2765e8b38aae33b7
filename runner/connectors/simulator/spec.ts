// What the simulator declares: made-up events of the contract strmprivacy/example/1.3.0.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { choice, defaulted, either, integer, optional } from "../../../dsl/spec/options.ts";

const sourceOptions = {
  rate: defaulted(
    either(integer({ min: 1, max: 1_000_000 }), choice("unlimited")),
    1000,
    "Events a second, or `unlimited`: as fast as the sinks take them.",
  ),
  count: optional(
    integer({ min: 0 }),
    "How many events in all. Without it they go on until the run is stopped.",
  ),
  sessions: defaulted(
    integer({ min: 1, max: 1_000_000_000 }),
    1000,
    "How many different sessions, the values of `consistentValue`, take turns at random.",
  ),
  seed: defaulted(
    integer({ min: 0, max: 4_294_967_295 }),
    1,
    "Start of the random numbers. The same seed, rate and sessions give the same bytes in every run.",
  ),
};

export const simulatorSpec = {
  name: "simulator",
  summary: "Made-up events of the contract `strmprivacy/example/1.3.0`, the same in every run.",
  source: {
    options: sourceOptions,
    formats: ["json"],
    recovery: [
      { kind: "exact", why: "the same seed gives the same events, and those that were sent are left out" },
    ],
    tuning: ["count"],
    endless: { when: { count: null } },
    example: `source events of demo from simulator {
  rate  = 100
  count = 10000
}`,
  },
} as const satisfies ConnectorSpec<typeof sourceOptions>;
