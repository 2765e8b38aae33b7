// Shows a broker who connects, by SASL.
import { StrmFailure } from "../../../failure.ts";
import { type SaslAnswer, saslAuthenticate, saslHandshake } from "./apis/sasl.ts";
import { brokerError } from "./broker-errors.ts";
import type { Connection } from "./connection.ts";
import type { Sasl } from "./options.ts";
import { addressText } from "./reach-failures.ts";
import { authenticateScram } from "./scram.ts";

const mechanisms = {
  plain: "PLAIN",
  scram_sha_256: "SCRAM-SHA-256",
  scram_sha_512: "SCRAM-SHA-512",
  oauthbearer: "OAUTHBEARER",
} as const;

/** How long the connection may be used from now on, in milliseconds; 0: as long as it likes. Throws `kafka.auth`. */
export async function authenticate(connection: Connection, sasl: Sasl, timeoutMs: number): Promise<number> {
  const mechanism = mechanisms[sasl.mechanism];
  const handshake = await connection.send(saslHandshake, mechanism, timeoutMs);
  if (handshake.error !== brokerError.none) {
    throw refused(connection, `it does not offer ${mechanism} there`);
  }
  let last: SaslAnswer | undefined;
  const exchange = async (message: Uint8Array): Promise<Buffer> => {
    last = await connection.send(saslAuthenticate, message, timeoutMs);
    if (last.error !== brokerError.none) throw refused(connection, `it refuses what ${mechanism} was given`);
    return last.bytes;
  };
  try {
    await converse(sasl, exchange);
  } catch (error) {
    if (error instanceof StrmFailure || !(error instanceof Error)) throw error;
    throw refused(connection, error.message);
  }
  return last?.sessionMs ?? 0;
}

async function converse(sasl: Sasl, exchange: (message: Uint8Array) => Promise<Buffer>): Promise<void> {
  switch (sasl.mechanism) {
    case "plain":
      await exchange(Buffer.from(`\0${sasl.username}\0${sasl.password}`));
      return;
    case "oauthbearer": {
      const answer = await exchange(Buffer.from(`n,,\x01auth=Bearer ${await sasl.token()}\x01\x01`));
      // Words where there should be none: the token was refused, and the refusal has to be acknowledged (RFC 7628, section 3.2.3).
      if (answer.length === 0) return;
      await exchange(Buffer.from("\x01"));
      throw new Error("it refuses the token");
    }
    default:
      await authenticateScram(sasl.mechanism === "scram_sha_256" ? "sha256" : "sha512", sasl, exchange);
  }
}

function refused({ address }: Connection, why: string): StrmFailure {
  return new StrmFailure(
    "kafka.auth",
    `The Kafka broker at ${addressText(address)} does not let strm in: ${why}.`,
    "Check `sasl`: mechanism, user and password or token.",
  );
}
