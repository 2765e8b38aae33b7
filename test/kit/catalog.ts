// A catalog for tests: the kinds of connectors and stores there are, as far as the checker tells them apart.
import type { Catalog, ConnectorSpec, KeyStoreSpec } from "../../dsl/spec/connector-spec.ts";
import {
  boolean,
  choice,
  defaulted,
  duration,
  either,
  fixed,
  integer,
  list,
  ofFormat,
  optional,
  path,
  record,
  required,
  secret,
  size,
  string,
} from "../../dsl/spec/options.ts";

const everything = { events: ["json"], rejected: ["json"], keys: ["csv", "json"] } as const;

const csv = ofFormat(
  "csv",
  fixed(
    optional(
      record({
        delimiter: fixed(defaulted(choice(",", ";", "\t"), ",", "What stands between two cells.")),
        null: fixed(defaulted(string({ without: [",", ";", "\t"] }), "", "What stands for null.")),
      }),
      "How CSV is written.",
    ),
  ),
);

const file = {
  name: "file",
  summary: "Files of JSON lines.",
  source: {
    options: {
      path: required(either(path(), list(path())), "The files to read."),
      follow: defaulted(boolean(), false, "Keep reading."),
      csv,
    },
    formats: ["json", "csv"],
    recovery: [{ kind: "exact", why: "a checkpoint holds the position in each file" }],
    tuning: ["follow"],
    example: 'source clicks of clickstream from file { path = "clicks.jsonl" }',
  },
  sink: {
    options: {
      path: required(path(), "The file to write."),
      overwrite: defaulted(boolean(), false, "Replace a file that stands there."),
      csv,
    },
    formats: { ...everything, events: ["json", "csv"] },
    recovery: [{ kind: "exact", why: "a file is cut back to the checkpoint" }],
    tuning: [],
    shared: false,
    place: ["path"],
    credentials: [],
    example: 'sink safe into file { path = "safe.jsonl" }',
  },
} as const satisfies ConnectorSpec;

const stdin = {
  name: "stdin",
  summary: "JSON lines from another program.",
  source: {
    options: { resend: defaulted(boolean(), false, "The sender begins anew when a run is started again.") },
    formats: ["json"],
    recovery: [
      { kind: "exact", why: "the sender sends everything again", when: { resend: true } },
      { kind: "loses", why: "what was read from a pipe can't be read again" },
    ],
    tuning: [],
    example: "source clicks of clickstream from stdin",
  },
} as const satisfies ConnectorSpec;

const stdout = {
  name: "stdout",
  summary: "JSON lines for another program.",
  sink: {
    options: {},
    formats: everything,
    recovery: [{ kind: "repeats", why: "what another program has read can't be taken back" }],
    tuning: [],
    shared: false,
    place: [],
    credentials: [],
    example: "sink safe into stdout",
  },
} as const satisfies ConnectorSpec;

const brokers = required(either(string(), list(string())), "The brokers to start from.");
const topic = required(string(), "The topic.");

const kafka = {
  name: "kafka",
  summary: "Topics of Apache Kafka.",
  source: {
    options: {
      brokers,
      topic,
      start: defaulted(choice("earliest", "latest"), "earliest", "Where the first run starts."),
      fetch: defaulted(
        size({ minBytes: 1024, maxBytes: 104_857_600 }),
        1_048_576,
        "How much is fetched at once.",
      ),
      sasl: optional(
        record({
          user: required(string(), "The user."),
          password: required(secret(), "The password."),
        }),
        "How to sign in.",
      ),
    },
    formats: ["json"],
    recovery: [{ kind: "exact", why: "the topic keeps what was read" }],
    tuning: ["fetch"],
    example: 'source clicks of clickstream from kafka { brokers = "localhost:9092", topic = "clicks" }',
  },
  sink: {
    options: { brokers: optional(brokers.type, brokers.doc), topic },
    formats: { events: ["json"], rejected: ["json"], keys: ["json"] },
    recovery: [{ kind: "repeats", why: "a topic keeps every message" }],
    tuning: [],
    shared: true,
    place: ["brokers", "topic"],
    credentials: [],
    example: 'sink safe into kafka { topic = "clicks.safe" }',
  },
} as const satisfies ConnectorSpec;

const bucketOptions = {
  bucket: required(string(), "The bucket."),
  prefix: defaulted(string(), "", "What the names of objects start with."),
  every: defaulted(duration({ minMs: 1000 }), 60_000, "How often an object is completed."),
  parallel: defaulted(integer({ min: 1, max: 64 }), 4, "Uploads at once."),
  access_key: optional(secret(), "The key to write with."),
};

const bucketSink = {
  options: bucketOptions,
  formats: { events: ["json"], rejected: ["json"], keys: [] },
  recovery: [{ kind: "exact", why: "names of objects derive from source positions" }],
  tuning: ["parallel"],
  shared: true,
  place: ["bucket", "prefix"],
  prefix: "prefix",
  credentials: ["access_key"],
  example: 'sink safe into s3 { bucket = "acme" }',
} as const;

const s3 = {
  name: "s3",
  summary: "Buckets of Amazon S3.",
  source: {
    options: {
      bucket: bucketOptions.bucket,
      prefix: bucketOptions.prefix,
      pattern: optional(string(), "Which objects."),
    },
    formats: ["json"],
    recovery: [{ kind: "exact", why: "a checkpoint holds which objects were read" }],
    tuning: [],
    example: 'source clicks of clickstream from s3 { bucket = "acme" }',
  },
  sink: bucketSink,
} as const satisfies ConnectorSpec;
const gcs = {
  name: "gcs",
  summary: "Buckets of Google Cloud.",
  sink: bucketSink,
} as const satisfies ConnectorSpec;

const sqlite = {
  name: "sqlite",
  summary: "A file in the state folder.",
  options: { path: optional(path(), "Where the file stands.") },
  place: ["path"],
  example: "keys vault in sqlite",
} as const satisfies KeyStoreSpec;

const postgres = {
  name: "postgres",
  summary: "A PostgreSQL database.",
  options: { url: required(secret(), "How to connect.") },
  place: ["url"],
  example: 'keys vault in postgres { url = env("KEYS_URL") }',
} as const satisfies KeyStoreSpec;

export const testCatalog: Catalog = {
  connectors: [file, stdin, stdout, kafka, s3, gcs],
  keyStores: [sqlite, postgres],
  defaultKeyStore: "sqlite",
};
