// Where a run may be watched from: the host and port of `--listen`, and who may come in there.
import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";
import { CommandFailure } from "../exit.ts";

export const TOKEN_VARIABLE = "STRM_LISTEN_TOKEN";
/** Shorter ones can be guessed. */
const LEAST_TOKEN_LENGTH = 16;

export interface Place {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface Door {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** What a request has to bring; undefined: this machine alone gets in, and needs nothing. */
  readonly token: string | undefined;
}

/** `HOST:PORT` or `[ADDRESS]:PORT`; undefined where it is neither. */
export function listenPlace(text: string): Place | undefined {
  const [, inBrackets, plain, digits = ""] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/@]+)):([0-9]{1,5})$/i.exec(text) ?? [];
  const host = inBrackets ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535 || (inBrackets !== undefined && !isIPv6(inBrackets)))
    return undefined;
  return { host, port };
}

/** Throws a `CommandFailure` with the code `listen.address` or `listen.token`. */
export async function doorAt({ host, port }: Place, token: string | undefined): Promise<Door> {
  const found = await lookup(host).catch(() => undefined);
  if (found === undefined) {
    throw new CommandFailure(
      `\`--listen\` names a host that can't be found: ${host}.`,
      "Name an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.",
      "listen.address",
    );
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw badToken("holds characters that a header can't carry");
  if (token !== undefined && token.length < LEAST_TOKEN_LENGTH) throw badToken("is too short");
  if (token === undefined && !isLoopback(found.address)) {
    throw new CommandFailure(
      `\`--listen ${host}:${port}\` is open to other machines, and ${TOKEN_VARIABLE} is not set.`,
      `Set ${TOKEN_VARIABLE} to a random text, which whoever asks then has to bring, or listen on 127.0.0.1.`,
      "listen.token",
    );
  }
  return { address: found.address, port, token };
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** True where only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function badToken(how: string): CommandFailure {
  return new CommandFailure(
    `${TOKEN_VARIABLE} ${how}.`,
    `Make one of at least ${LEAST_TOKEN_LENGTH} characters: openssl rand -hex 32`,
    "listen.token",
  );
}
