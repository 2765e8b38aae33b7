// The shape of each kind of run event, as this strm knows it.
import type { Finished, RunEvent, Started } from "../../runner/index.ts";
import { ledger, MOST_STEPS, stepKind } from "./ledger-shape.ts";
import {
  amount,
  flag,
  list,
  Misfit,
  name,
  nullable,
  object,
  oneOf,
  optional,
  type Shape,
  text,
  time,
} from "./shape.ts";

type RunSummary = Finished["summary"];
type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;

/** Combinations of purposes; a run tells 64 apart for each source. */
const MOST_CONSENTS = 1_000;
const MOST_LEVELS = 256;
const MOST_KINDS_OF_CALLS = 16;
const MOST_PARTITIONS = 64;

/** One of this strm, or of a newer one. */
function code<C extends string>(): Shape<C> {
  const looksLikeOne = (given: string): given is C => /^[a-z][a-z0-9.-]{0,79}$/.test(given);
  return {
    read: (value) => {
      const given = name.read(value);
      if (looksLikeOne(given)) return given;
      throw new Misfit("is not a code");
    },
  };
}

const step = object<Started["steps"][number]>({ name, kind: stepKind, from: nullable(name) });

const partition = object<EventOf<"progress">["offsets"][number]["partitions"][number]>({
  partition: text,
  offset: amount,
  committed: nullable(amount),
});

const summary = object<RunSummary>({
  read: amount,
  read_bytes: amount,
  replayed: amount,
  withheld: amount,
  rejected: amount,
  events_per_second: amount,
  bytes_per_second: amount,
  sinks: list(
    object<RunSummary["sinks"][number]>({ sink: name, events: amount, objects: amount, size_bytes: amount }),
    MOST_STEPS,
  ),
  keys: list(
    object<RunSummary["keys"][number]>({ step: name, created: amount, rotated: amount }),
    MOST_STEPS,
  ),
});

export const eventShapes: { readonly [T in RunEvent["type"]]: Shape<EventOf<T>> } = {
  started: object<EventOf<"started">>({
    type: oneOf("started"),
    time,
    run_id: name,
    pipeline: name,
    graph_hash: name,
    state: text,
    workers: amount,
    replays: flag,
    continues: nullable(
      object<NonNullable<Started["continues"]>>({ checkpoint: amount, made: time, ledger }),
    ),
    steps: list(step, MOST_STEPS),
  }),
  opened: object<EventOf<"opened">>({ type: oneOf("opened"), time }),
  progress: object<EventOf<"progress">>({
    type: oneOf("progress"),
    time,
    ledger,
    waits: list(
      object<EventOf<"progress">["waits"][number]>({ on: name, waited_ms: amount }),
      2 * MOST_STEPS,
    ),
    kernels: object<EventOf<"progress">["kernels"]>({ batches: amount, worked_ms: amount }),
    key_calls: list(
      object<EventOf<"progress">["key_calls"][number]>({
        call: oneOf("find_or_make", "find", "note_subjects", "purge"),
        calls: amount,
        failed: amount,
        took_ms: amount,
      }),
      MOST_KINDS_OF_CALLS,
    ),
    offsets: list(
      object<EventOf<"progress">["offsets"][number]>({
        step: name,
        partitions: list(partition, MOST_PARTITIONS),
        others: amount,
      }),
      MOST_STEPS,
    ),
    behind: list(
      object<EventOf<"progress">["behind"][number]>({
        source: name,
        count: amount,
        unit: oneOf("events", "bytes"),
      }),
      MOST_STEPS,
    ),
    consents: list(
      object<EventOf<"progress">["consents"][number]>({
        source: name,
        levels: nullable(list(amount, MOST_LEVELS)),
        events: amount,
      }),
      MOST_CONSENTS,
    ),
  }),
  keys: object<EventOf<"keys">>({ type: oneOf("keys"), time, step: name, created: amount, rotated: amount }),
  written: object<EventOf<"written">>({
    type: oneOf("written"),
    time,
    sink: name,
    target: text,
    events: amount,
    size_bytes: amount,
    objects: optional(amount),
  }),
  checkpoint: object<EventOf<"checkpoint">>({
    type: oneOf("checkpoint"),
    time,
    checkpoint: amount,
    events: amount,
    took_ms: amount,
  }),
  retry: object<EventOf<"retry">>({
    type: oneOf("retry"),
    time,
    where: name,
    code: code<EventOf<"retry">["code"]>(),
    message: text,
    attempt: amount,
    wait_ms: amount,
    gives_up_in_ms: amount,
  }),
  recovered: object<EventOf<"recovered">>({ type: oneOf("recovered"), time, where: name, attempts: amount }),
  rejected: object<EventOf<"rejected">>({
    type: oneOf("rejected"),
    time,
    step: name,
    code: code<EventOf<"rejected">["code"]>(),
    reason: text,
    events: amount,
    origin: text,
    line: optional(amount),
    offset_bytes: optional(amount),
    offset: optional(amount),
  }),
  uncovered: object<EventOf<"uncovered">>({
    type: oneOf("uncovered"),
    time,
    stream: name,
    fields: list(text, 10_000),
    by: name,
    times: optional(amount),
  }),
  warning: object<EventOf<"warning">>({ type: oneOf("warning"), time, message: text, help: text }),
  stopping: object<EventOf<"stopping">>({ type: oneOf("stopping"), time, signal: name }),
  failed: object<EventOf<"failed">>({
    type: oneOf("failed"),
    time,
    code: code<EventOf<"failed">["code"]>(),
    message: text,
    help: text,
  }),
  finished: object<EventOf<"finished">>({
    type: oneOf("finished"),
    time,
    outcome: oneOf("completed", "stopped", "failed"),
    ledger,
    summary,
    quarantine: nullable(
      object<NonNullable<EventOf<"finished">["quarantine"]>>({ path: text, events: amount }),
    ),
  }),
};
