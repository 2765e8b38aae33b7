// The shape of each kind of run event, as this strm knows it.
import { z } from "zod";
import type { RunEvent, Started } from "../../runner/index.ts";
import { amount, code, flag, list, name, object, oneOf, type Plain, text, time } from "./bounded.ts";
import { haveNamesOfTheirOwn, ledger, MOST_LEVELS, MOST_STEPS, stepKind } from "./ledger-shape.ts";

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;

/** Combinations of purposes; a run tells 64 apart for each source. */
const MOST_CONSENTS = 1_000;
const MOST_KINDS_OF_CALLS = 16;
const MOST_PARTITIONS = 64;
/** Streams that come of one another; no pipeline has a tenth of it. */
const DEEPEST_TREE = 100;

const event = <T extends RunEvent["type"]>(type: T) => ({ type: oneOf(type), time });

const started = object({
  ...event("started"),
  run_id: name,
  pipeline: name,
  graph_hash: name,
  state: text,
  workers: amount,
  replays: flag,
  continues: object({ checkpoint: amount, made: time, ledger }).nullable(),
  steps: list(object({ name, kind: stepKind, from: name.nullable() }), MOST_STEPS),
})
  .refine(({ steps }) => haveNamesOfTheirOwn(steps), { path: ["steps"], error: "names a step twice" })
  .refine(areTree, { path: ["steps"], error: "is no tree" });

const progress = object({
  ...event("progress"),
  ledger,
  waits: list(object({ on: name, waited_ms: amount }), 2 * MOST_STEPS),
  kernels: object({ batches: amount, worked_ms: amount }),
  key_calls: list(
    object({
      call: oneOf("find_or_make", "find", "note_subjects", "purge"),
      calls: amount,
      failed: amount,
      took_ms: amount,
    }),
    MOST_KINDS_OF_CALLS,
  ),
  offsets: list(
    object({
      step: name,
      partitions: list(
        object({ partition: text, offset: amount, committed: amount.nullable() }),
        MOST_PARTITIONS,
      ),
      others: amount,
    }),
    MOST_STEPS,
  ),
  behind: list(object({ source: name, count: amount, unit: oneOf("events", "bytes") }), MOST_STEPS),
  consents: list(
    object({ source: name, levels: list(amount, MOST_LEVELS).nullable(), events: amount }),
    MOST_CONSENTS,
  ),
});

const summary = object({
  read: amount,
  read_bytes: amount,
  replayed: amount,
  withheld: amount,
  rejected: amount,
  events_per_second: amount,
  bytes_per_second: amount,
  sinks: list(object({ sink: name, events: amount, objects: amount, size_bytes: amount }), MOST_STEPS),
  keys: list(object({ step: name, created: amount, rotated: amount }), MOST_STEPS),
});

/** The compiler holds each to its event, member for member, optional ones too. */
const shapes = z.toZod<{ [T in RunEvent["type"]]: Plain<EventOf<T>> }>()(
  object({
    started,
    opened: object(event("opened")),
    progress,
    keys: object({ ...event("keys"), step: name, created: amount, rotated: amount }),
    written: object({
      ...event("written"),
      sink: name,
      target: text,
      events: amount,
      size_bytes: amount,
      objects: amount.exactOptional(),
    }),
    checkpoint: object({ ...event("checkpoint"), checkpoint: amount, events: amount, took_ms: amount }),
    retry: object({
      ...event("retry"),
      where: name,
      code: code<EventOf<"retry">["code"]>(),
      message: text,
      attempt: amount,
      wait_ms: amount,
      gives_up_in_ms: amount,
    }),
    recovered: object({ ...event("recovered"), where: name, attempts: amount }),
    rejected: object({
      ...event("rejected"),
      step: name,
      code: code<EventOf<"rejected">["code"]>(),
      reason: text,
      events: amount,
      origin: text,
      line: amount.exactOptional(),
      offset_bytes: amount.exactOptional(),
      offset: amount.exactOptional(),
    }),
    uncovered: object({
      ...event("uncovered"),
      stream: name,
      fields: list(text, 10_000),
      by: name,
      times: amount.exactOptional(),
    }),
    warning: object({ ...event("warning"), message: text, help: text }),
    stopping: object({ ...event("stopping"), signal: name }),
    failed: object({
      ...event("failed"),
      code: code<EventOf<"failed">["code"]>(),
      message: text,
      help: text,
    }),
    finished: object({
      ...event("finished"),
      outcome: oneOf("completed", "stopped", "failed"),
      ledger,
      summary,
      quarantine: object({ path: text, events: amount }).nullable(),
    }),
  }),
);

export const eventShapes: { readonly [T in RunEvent["type"]]: z.ZodType<EventOf<T>> } = shapes.shape;

/** Each stands behind the one it comes from, so that they come to an end, and soon. */
function areTree({ steps }: Pick<Started, "steps">): boolean {
  const all = new Set(steps.map(({ name }) => name));
  const depths = new Map<string, number>();
  for (const { name, from } of steps) {
    const above = [from ?? "", (from ?? "").replace(/\.(?:rejected|keys)$/, "")].find((one) => all.has(one));
    const depth = above === undefined ? 0 : depths.get(above);
    if (depth === undefined || depth >= DEEPEST_TREE) return false;
    depths.set(name, depth + 1);
  }
  return true;
}
