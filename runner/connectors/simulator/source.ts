// Makes up events of the reference contract, paced smoothly and the same in every run.
import { setTimeout as sleep } from "node:timers/promises";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { Fields } from "../../formats/fields.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Source } from "../delivery.ts";
import { simulatedEvents } from "./events.ts";
import type { simulatorSpec } from "./spec.ts";

type Options = OptionsOf<typeof simulatorSpec.source.options>;

/** The one partition, and the name of what events came from. */
const ORIGIN = "simulator";
/** Events come in steps of this length: short enough to look even, long enough to batch. */
const TICK_MS = 20;
/** A bound on one batch: about 150 KB. */
const MAX_EVENTS_AT_ONCE = 500;

export async function openSimulator(options: Options, context: SourceContext): Promise<Source> {
  return { items: (stop) => simulate(options, context, stop), close: () => Promise.resolve() };
}

async function* simulate(
  options: Options,
  { resume, buffers }: SourceContext,
  stop: AbortSignal,
): AsyncGenerator<Item, void, void> {
  const events = simulatedEvents(options);
  const position = new Fields(resume.get(ORIGIN));
  const [first, startMs] = [position.number("events"), performance.now()];
  let offsetBytes = position.number("offset_bytes");
  // The numbers are drawn in order, so those of the events before are drawn again.
  for (let at = 0; at < first && !stop.aborted; at += MAX_EVENTS_AT_ONCE) {
    events(at, Math.min(first, at + MAX_EVENTS_AT_ONCE));
    // A long way must not keep a stop from being seen.
    if (at % (100 * MAX_EVENTS_AT_ONCE) === 0) await new Promise(setImmediate);
  }
  const count = options.count ?? Number.POSITIVE_INFINITY;
  for (let sent = first; sent < count && !stop.aborted; ) {
    const due =
      typeof options.rate === "number"
        ? first + Math.floor(((performance.now() - startMs) / 1000) * options.rate) + 1
        : Number.POSITIVE_INFINITY;
    const next = Math.min(due, count, sent + MAX_EVENTS_AT_ONCE);
    if (next <= sent) {
      await sleep(TICK_MS, undefined, { signal: stop }).catch(() => {});
      continue;
    }
    const text = events(sent, next);
    const bytes = Buffer.from(buffers.take(text.length)).subarray(0, text.length);
    bytes.write(text, "latin1");
    const batch = { bytes, origin: ORIGIN, firstLine: sent + 1, offsetBytes, readTimeMs: Date.now() };
    offsetBytes += bytes.length;
    sent = next;
    yield {
      partition: ORIGIN,
      position: { events: sent, offset_bytes: offsetBytes },
      content: { kind: "batch", batch },
    };
  }
}
