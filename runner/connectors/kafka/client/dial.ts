// Opens connections: address, TLS, the check of versions, SASL.
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { StrmFailure } from "../../../failure.ts";
import type { Api } from "./api.ts";
import { heartbeat, joinGroup, leaveGroup, offsetFetch, syncGroup } from "./apis/group.ts";
import { fetch, listOffsets, produce } from "./apis/log.ts";
import { type ApiRange, apiVersions, createTopics, findCoordinator, metadata } from "./apis/metadata.ts";
import { saslAuthenticate, saslHandshake } from "./apis/sasl.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from "./apis/transaction.ts";
import { authenticate } from "./authenticate.ts";
import { brokerError, expectNone } from "./broker-errors.ts";
import { Connection } from "./connection.ts";
import type { KafkaOptions } from "./options.ts";
import { type Address, addressText, socketFailure, unreachable } from "./reach-failures.ts";

export interface Dialled {
  readonly connection: Connection;
  /** Epoch milliseconds; later the broker would close it at the next request (KIP-368). */
  readonly goodUntilMs: number;
}

/** Of a session's length: the rest is for what is under way, and for clocks. */
const USED_SHARE = 0.8;

/** Throws a transient `kafka.unreachable`, `kafka.tls`, `kafka.auth`, `kafka.too-old`. */
export async function dial(address: Address, options: KafkaOptions, onClosed: () => void): Promise<Dialled> {
  const { clientId, connectTimeoutMs, sasl } = options;
  const socket = await openSocket(address, options);
  const connection = new Connection(address, socket, clientId, onClosed);
  try {
    await checkVersions(connection, connectTimeoutMs);
    if (sasl === undefined) return { connection, goodUntilMs: Number.POSITIVE_INFINITY };
    const sessionMs = await authenticate(connection, sasl, connectTimeoutMs);
    const goodUntilMs = sessionMs > 0 ? Date.now() + sessionMs * USED_SHARE : Number.POSITIVE_INFINITY;
    return { connection, goodUntilMs };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function openSocket(address: Address, { tls, connectTimeoutMs }: KafkaOptions): Promise<Socket> {
  const { host, port } = address;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket =
    tls === undefined
      ? connectPlain({ host, port })
      : connectTls({
          host,
          port,
          servername: tls.serverName ?? nameOf(host),
          ...(tls.ca !== undefined && { ca: tls.ca }),
          ...(tls.cert !== undefined && { cert: tls.cert }),
          ...(tls.key !== undefined && { key: tls.key }),
        });
  const fail = (failure: StrmFailure): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(failure);
  };
  const instead = tls === undefined ? "" : " instead of speaking TLS";
  const closed = (): void => fail(unreachable(address, `it closed the connection${instead}`));
  const failed = (error: NodeJS.ErrnoException): void => {
    if (tls !== undefined && error.code === "ECONNRESET") closed();
    else fail(socketFailure(address, error));
  };
  const timer = setTimeout(
    () => fail(unreachable(address, `no connection within ${connectTimeoutMs} ms`)),
    connectTimeoutMs,
  );
  socket.once("error", failed);
  socket.once("close", closed);
  socket.once(tls === undefined ? "connect" : "secureConnect", () => {
    clearTimeout(timer);
    socket.off("close", closed);
    // The connection listens for errors from here on; until it does, none is left without a listener.
    resolve(socket);
  });
  return promise;
}

/** SNI holds names only (RFC 6066, section 3). */
function nameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}

const CLIENT = { software: "strm", version: "0" };

const spoken: readonly Pick<Api<never, unknown>, "name" | "key" | "version">[] = [
  metadata,
  findCoordinator,
  createTopics,
  joinGroup,
  syncGroup,
  heartbeat,
  leaveGroup,
  offsetFetch,
  listOffsets,
  fetch,
  produce,
  initProducerId,
  addPartitionsToTxn,
  addOffsetsToTxn,
  txnOffsetCommit,
  endTxn,
  saslHandshake,
  saslAuthenticate,
];

async function checkVersions(connection: Connection, timeoutMs: number): Promise<void> {
  const { error, ranges } = await connection.send(apiVersions, CLIENT, timeoutMs);
  const { address } = connection;
  if (error === brokerError.unsupportedVersion) throw otherVersion(address, apiVersions, undefined);
  expectNone(error, "tell its versions");
  const offered = new Map(ranges.map((range) => [range.key, range]));
  for (const api of spoken) {
    const range = offered.get(api.key);
    if (range === undefined || api.version < range.min || api.version > range.max) {
      throw otherVersion(address, api, range);
    }
  }
}

function otherVersion(
  address: Address,
  { name, version }: Pick<Api<never, unknown>, "name" | "version">,
  range: ApiRange | undefined,
): StrmFailure {
  const offer = range === undefined ? "does not offer it" : `offers ${range.min} to ${range.max}`;
  return new StrmFailure(
    "kafka.too-old",
    `strm speaks version ${version} of ${name}, and the broker at ${addressText(address)} ${offer}.`,
    "Use Apache Kafka 2.8 to 4.x, or what speaks the same versions.",
  );
}
