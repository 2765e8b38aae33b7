// Makes up events of the reference contract, paced smoothly and the same in every run.
import { setTimeout as sleep } from "node:timers/promises";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { Chunk, Source } from "../connector.ts";
import { simulatedEvents } from "./events.ts";
import type { simulatorSpec } from "./spec.ts";

type Options = OptionsOf<typeof simulatorSpec.source.options>;

/** Events come in steps of this length: short enough to look even, long enough to batch. */
const TICK_MS = 20;
/** A bound on one chunk: about 250 KiB. */
const MAX_EVENTS_AT_ONCE = 1000;

export async function openSimulator(options: Options): Promise<Source> {
  return { chunks: (stop) => simulate(options, stop), close: () => Promise.resolve() };
}

async function* simulate(options: Options, stop: AbortSignal): AsyncGenerator<Chunk, void, void> {
  const events = simulatedEvents(options);
  const count = options.count ?? Number.POSITIVE_INFINITY;
  const startMs = performance.now();
  let sent = 0;
  let offsetBytes = 0;
  while (sent < count && !stop.aborted) {
    const due =
      typeof options.rate === "number"
        ? Math.floor(((performance.now() - startMs) / 1000) * options.rate) + 1
        : Number.POSITIVE_INFINITY;
    const now = Math.min(due, count, sent + MAX_EVENTS_AT_ONCE);
    if (now > sent) {
      const bytes = Buffer.from(events(sent, now), "latin1");
      sent = now;
      yield { bytes, origin: "simulator", offsetBytes, last: false };
      offsetBytes += bytes.length;
    } else {
      await sleep(TICK_MS, undefined, { signal: stop }).catch(() => {});
    }
  }
  if (!stop.aborted) yield { bytes: new Uint8Array(0), origin: "simulator", offsetBytes, last: true };
}
