// What the kafka connector declares: topics read by a consumer group, and topics written in transactions.
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import {
  boolean,
  choice,
  defaulted,
  duration,
  either,
  field,
  integer,
  list,
  ofFormat,
  optional,
  record,
  required,
  size,
  string,
} from "../../../dsl/spec/options.ts";
import { registryReadOptions, registryWriteOptions } from "../../formats/avro/registry-options.ts";
import { connectionOptions } from "./connection-options.ts";

const sourceOptions = {
  ...connectionOptions,
  topic: required(
    either(string(), list(string())),
    "The topics to read: a name, or a list. `*` stands for any characters: topics that come to fit later are picked up within `metadata_max_age`.",
  ),
  group: optional(
    string(),
    "The consumer group. All replicas of a pipeline name the same one, and share the partitions. Default: the pipeline's name, a dot, and the source's name.",
  ),
  registry: ofFormat(
    "avro",
    optional(
      record(registryReadOptions),
      "With `format = avro`: the schema registry that knows what values are written with, framed as Confluent's serializers do it. Without it, each value is a datum of the contract's schema.",
    ),
  ),
  start: defaulted(
    either(choice("earliest", "latest"), string()),
    "earliest",
    "Where to begin in a partition for which the group has no offset: `earliest`, `latest`, or a time such as `2026-11-20T00:00:00Z`.",
  ),
  instance: optional(
    string(),
    'A name that this replica keeps over restarts and no other one has (static membership), such as `env("HOSTNAME")`. A replica that is stopped and is back within `session_timeout` finds its partitions again, and nothing moves. Without it, the state folder stands for the replica: one that was killed finds its partitions again, and one that is stopped gives them up at once.',
  ),
  session_timeout: defaulted(
    duration({ minMs: 1000 }),
    45_000,
    "How long the group waits for a replica that does not answer, before its partitions move.",
  ),
  rebalance_timeout: defaulted(
    duration({ minMs: 1000 }),
    60_000,
    "How long a replica may take to deliver and commit what it has read, before its partitions move.",
  ),
  fetch_wait: defaulted(
    duration({ minMs: 0 }),
    500,
    "How long a broker may wait for events where there are none yet. Events are sent as soon as they come.",
  ),
  fetch_max: defaulted(size({ minBytes: 65_536 }), 8_388_608, "How much is read ahead, over all partitions."),
  metadata_max_age: defaulted(
    duration({ minMs: 1000 }),
    30_000,
    "How soon new partitions and new topics of a pattern are noticed.",
  ),
  commit_every: defaulted(
    duration({ minMs: 10 }),
    1000,
    "How long what was delivered may stand uncommitted. The shortest one among a pipeline's sources and sinks counts for all of it.",
  ),
};

const createOptions = {
  partitions: required(integer({ min: 1 }), "How many partitions it gets."),
  replication: defaulted(
    integer({ min: -1 }),
    -1,
    "On how many brokers each stands; -1: as the cluster's default says.",
  ),
  retention: optional(
    duration({ minMs: 1000 }),
    "How long events are kept. Default: as the cluster's default says.",
  ),
};

const sinkOptions = {
  ...connectionOptions,
  topic: required(string(), "The topic to write to."),
  key: defaulted(
    either(choice("link", "source", "none"), field()),
    "link",
    "The messages' key. `link`: the event's key link, so that a session stays in order; events that are not sealed keep the source's. `source`: the key that the event came with, which may be personal. `none`. Or a field of JSON events, as it stands in this stream.",
  ),
  headers: defaulted(
    either(choice("all", "none"), list(string())),
    "all",
    "Which headers of the source go on: all, none, or those named. Their values are not looked at: leave out those that may be personal. `strm-contract` and `strm-stream` are added.",
  ),
  registry: ofFormat(
    "avro",
    optional(
      record(registryWriteOptions),
      "With `format = avro`: the schema registry under whose id of the stream's schema values are written, framed as Confluent's serializers do it. Without it, each value is a plain datum.",
    ),
  ),
  compression: defaulted(
    choice("none", "gzip", "snappy", "lz4", "zstd"),
    "none",
    "How batches of messages are compressed.",
  ),
  linger: defaulted(duration({ minMs: 0 }), 5, "How long a batch waits for more messages before it is sent."),
  batch_size: defaulted(
    size({ minBytes: 1024 }),
    262_144,
    "How much of a partition is sent in one batch at most, before compression.",
  ),
  max_message: defaulted(
    size({ minBytes: 1024 }),
    1_048_576,
    "The largest batch that the topic takes (`max.message.bytes`). A larger message stops the run.",
  ),
  transactional: defaulted(
    boolean(),
    true,
    "Write in transactions, which hold the group's offsets, too. Consumers that read `read_committed` get each event once. Without it, events are visible earlier, and may come again after a crash.",
  ),
  transaction_timeout: defaulted(
    duration({ minMs: 1000 }),
    10_000,
    "How long the cluster waits for a run that died within a transaction, before it is undone. Readers of `read_committed` wait as long, unless the run is started again. A transaction that takes longer is undone too, and done again from the last checkpoint.",
  ),
  create: optional(
    record(createOptions),
    "Make the topic where it is missing. Without it, a missing topic stops the run.",
  ),
  commit_every: defaulted(
    duration({ minMs: 10 }),
    100,
    "How long events may wait for the end of their transaction. The shortest one among a pipeline's sources and sinks counts for all of it.",
  ),
};

const connectionTuning = ["brokers", "tls", "sasl"] as const;

export const kafkaSpec = {
  name: "kafka",
  summary: "Topics of Apache Kafka 2.8 or newer, and of what speaks its protocol.",
  source: {
    options: sourceOptions,
    formats: ["json", "avro"],
    recovery: [
      {
        kind: "exact",
        why: "the group's offsets are committed in the transaction that decides the checkpoint, and a replica that lost its partitions can't commit any more",
      },
    ],
    endless: { when: {} },
    tuning: [
      ...connectionTuning,
      "registry",
      "topic",
      "start",
      "instance",
      "session_timeout",
      "rebalance_timeout",
      "fetch_wait",
      "fetch_max",
      "metadata_max_age",
      "commit_every",
    ],
    example: `source clicks of clickstream from kafka {
  brokers = env("KAFKA_BROKERS", "localhost:9092")
  topic   = "clicks"
}`,
  },
  sink: {
    options: sinkOptions,
    formats: { events: ["json", "avro"], rejected: ["json"], keys: ["json"] },
    recovery: [
      {
        kind: "repeats",
        why: "what was written outside of a transaction stays",
        when: { transactional: false },
      },
      {
        kind: "exact",
        why: "events are written in the transaction that decides the checkpoint, and consumers that read `read_committed` see nothing else",
      },
    ],
    joins: ["brokers"],
    tuning: [
      ...connectionTuning,
      "compression",
      "linger",
      "batch_size",
      "max_message",
      "transaction_timeout",
      "create",
      "commit_every",
    ],
    records: true,
    shared: true,
    place: ["brokers", "topic"],
    credentials: ["sasl"],
    example: `sink safe into kafka {
  brokers = env("KAFKA_BROKERS", "localhost:9092")
  topic   = "clicks.safe"
}`,
  },
} as const satisfies ConnectorSpec<typeof sourceOptions, typeof sinkOptions>;
