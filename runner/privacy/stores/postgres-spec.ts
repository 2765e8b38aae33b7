// What the key store `postgres` declares: where its database is, how to get there, and its bounds.
import type { KeyStoreSpec, OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import {
  defaulted,
  duration,
  integer,
  optional,
  path,
  record,
  required,
  secret,
  string,
} from "../../../dsl/spec/options.ts";

const tlsOptions = {
  ca: optional(
    path(),
    "The certificates (PEM) of those who may vouch for the server, relative to the pipeline's file. Default: those that Node trusts.",
  ),
  cert: optional(path(), "The client's own certificate (PEM), for servers that ask for one."),
  key: optional(secret(), 'The key (PEM) of `cert`, as in `key = file("client.key")`.'),
};

export const postgresOptions = {
  url: required(
    secret(),
    "`postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with what is not a letter or digit percent-encoded. `?sslmode=` says how the connection is secured: `verify-full` (certificate and name are checked), `verify-ca` (the certificate alone), `no-verify` or `disable`; `require` means `verify-full`. Default: `verify-full`, and `disable` for this machine itself.",
  ),
  schema: defaulted(
    string(),
    "strm",
    "The schema that holds the tables. Several stores in one database take one each.",
  ),
  tls: optional(record(tlsOptions), "Whose certificates to trust, and which one to show."),
  connections: defaulted(
    integer({ min: 1, max: 100 }),
    4,
    "How many connections a runner opens at most. One that was idle for 10 s is closed.",
  ),
  connect_timeout: defaulted(
    duration({ minMs: 100 }),
    10_000,
    "How long it may take to get a connection, before it is tried again.",
  ),
  statement_timeout: defaulted(
    duration({ minMs: 100 }),
    30_000,
    "How long a statement may take, before it is given up and tried again. A transaction that stands idle as long is undone by the server.",
  ),
};

export type PostgresOptions = OptionsOf<typeof postgresOptions>;

export const postgresSpec: KeyStoreSpec<typeof postgresOptions> = {
  name: "postgres",
  summary: "Keys in PostgreSQL 13 or newer, for runners on any number of machines.",
  options: postgresOptions,
  place: ["url", "schema"],
  example: 'keys vault in postgres { url = env("KEYS_URL"), retain = 30d }',
};
