// The failures of reaching a broker: no answer, no trust, an answer that can't be read.
import { StrmFailure, TransientFailure } from "../../../failure.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function addressText({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const reasons: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "it refuses connections"],
  ["ENOTFOUND", "its name can't be resolved"],
  ["EAI_AGAIN", "its name can't be resolved now"],
  ["ECONNRESET", "it broke the connection off"],
  ["EPIPE", "it broke the connection off"],
  ["ETIMEDOUT", "it is silent"],
  ["EHOSTUNREACH", "there is no way to it"],
  ["ENETUNREACH", "there is no way to it"],
]);

const tlsCodes =
  /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_|HOSTNAME_|EPROTO)/;

/** What an error of a socket means. */
export function socketFailure(address: Address, error: unknown): StrmFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!tlsCodes.test(code)) return unreachable(address, reasons.get(code) ?? "the connection failed", error);
  const plain = code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO";
  return tlsFailure(address, plain ? "it does not speak TLS there" : `the check says ${code}`, error);
}

export function unreachable(address: Address, why: string, cause?: unknown): TransientFailure {
  return new TransientFailure(
    "kafka.unreachable",
    `The Kafka broker at ${addressText(address)} can't be reached: ${why}.`,
    "Look whether it runs, whether this address can be reached from here, and whether it asks for `tls` or `sasl`.",
    { cause },
  );
}

export function tlsFailure(address: Address, why: string, cause?: unknown): StrmFailure {
  return new StrmFailure(
    "kafka.tls",
    `No TLS connection to the Kafka broker at ${addressText(address)}: ${why}.`,
    "Check `tls`: the certificates of `ca`, the address or `server_name`, and whether the broker asks for a certificate.",
    { cause },
  );
}

/** Of what is asked after the client was closed, or was under way then. */
export function closedFailure(): StrmFailure {
  return new StrmFailure("kafka.unreachable", "The Kafka client was closed.", "Run again.");
}

export function garbled(what: string, cause?: unknown): StrmFailure {
  return new StrmFailure(
    "kafka.garbled",
    `${what} can't be read.`,
    "Look at the broker's log and disk. If other clients read it without complaint, please report it.",
    { cause },
  );
}
