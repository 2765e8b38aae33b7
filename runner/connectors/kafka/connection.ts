// Turns the options of a step into what a client of its cluster is made with.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import { pemFile } from "../../pem-file.ts";
import type { KafkaOptions } from "./client/options.ts";
import type { connectionOptions } from "./connection-options.ts";
import { TokenSource } from "./token.ts";

export type ConnectionOptions = OptionsOf<typeof connectionOptions>;
type Sasl = NonNullable<ConnectionOptions["sasl"]>;

const CONNECT_TIMEOUT_MS = 10_000;
/** A produce request may wait for replicas as long as the brokers' default of 30 s. */
const REQUEST_TIMEOUT_MS = 40_000;

/** Brokers as a list, in one order: two steps that name the same ones mean the same cluster. */
export function brokersOf({ brokers }: Pick<ConnectionOptions, "brokers">): readonly string[] {
  const listed = typeof brokers === "string" ? brokers.split(",") : brokers;
  return listed.map((broker) => broker.trim()).filter((broker) => broker !== "");
}

/** The same for steps that reach the same brokers, as whomever. */
export function clusterOf(options: Pick<ConnectionOptions, "brokers">): string {
  return [...brokersOf(options)].sort().join(",");
}

/** Throws `kafka.options` and `file.not-found`. `step` names the step in messages. */
export async function kafkaOptions(
  options: ConnectionOptions,
  step: string,
  clientId: string,
  baseDir: string,
): Promise<KafkaOptions> {
  const { tls, sasl } = options;
  const brokers = brokersOf(options);
  const wrong = brokers.find((broker) => !/^\[?[^\s/]+\]?:\d{1,5}$/.test(broker));
  if (wrong !== undefined || brokers.length === 0) {
    throw optionsFailure(step, "`brokers` is a list of `host:port`", "Write each broker as `host:port`.");
  }
  return {
    brokers,
    clientId,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    ...(tls !== false && { tls: tls === true ? {} : await tlsOf(tls, step, baseDir) }),
    ...(sasl !== undefined && { sasl: saslOf(sasl, step) }),
  };
}

async function tlsOf(
  { ca, cert, key, server_name }: Exclude<ConnectionOptions["tls"], boolean>,
  step: string,
  baseDir: string,
): Promise<NonNullable<KafkaOptions["tls"]>> {
  if ((cert === undefined) !== (key === undefined)) {
    throw optionsFailure(step, "`cert` and `key` go together", "Give both, or neither.");
  }
  return {
    ...(ca !== undefined && { ca: await pem(ca, step, baseDir) }),
    ...(cert !== undefined && { cert: await pem(cert, step, baseDir) }),
    ...(key !== undefined && { key }),
    ...(server_name !== undefined && { serverName: server_name }),
  };
}

function pem(path: string, step: string, baseDir: string): Promise<string> {
  return pemFile(
    path,
    baseDir,
    (file, help, cause) =>
      new StrmFailure("kafka.options", `\`${step}\` can't read the certificate at ${file}.`, help, { cause }),
  );
}

function saslOf(sasl: Sasl, step: string): NonNullable<KafkaOptions["sasl"]> {
  const { mechanism, user, password, token_url, client_id, client_secret, scope } = sasl;
  if (mechanism !== "oauthbearer") {
    if (user === undefined || password === undefined) {
      throw optionsFailure(
        step,
        `\`${mechanism}\` takes a user and a password`,
        "Give `user` and `password`.",
      );
    }
    return { mechanism, username: user, password };
  }
  if (token_url === undefined || client_id === undefined || client_secret === undefined) {
    const help = "Give `token_url`, `client_id` and `client_secret`.";
    throw optionsFailure(step, "`oauthbearer` takes an issuer and a client's name and secret", help);
  }
  const tokens = new TokenSource({
    url: token_url,
    clientId: client_id,
    clientSecret: client_secret,
    scope,
    step,
  });
  return { mechanism, token: () => tokens.token() };
}

/** `rule` completes "The options of … don't fit together: …". */
export function optionsFailure(step: string, rule: string, help: string): StrmFailure {
  return new StrmFailure("kafka.options", `The options of \`${step}\` don't fit together: ${rule}.`, help);
}
