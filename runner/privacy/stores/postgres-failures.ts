// Turns what PostgreSQL, its driver and the network report of a key store into failures that say what to do.
import { StrmFailure, TransientFailure } from "../../failure.ts";
import type { FailureCode } from "../../failure-codes.ts";

/** Completes "The key store PLACE …", and says what to do. */
interface Known {
  readonly code: FailureCode;
  readonly what: string;
  readonly help: string;
  readonly passes: boolean;
}

const unreachable: Known = {
  code: "keys.unreachable",
  what: "does not answer",
  help: "Look whether the server runs, and whether it can be reached from where strm runs.",
  passes: true,
};
const slow: Known = {
  code: "keys.slow",
  what: "takes longer than it may",
  help: "Look what keeps the server busy, or raise `statement_timeout` of the keys.",
  passes: true,
};
const busy: Known = {
  code: "keys.busy",
  what: "has too much to do at once",
  help: "Look how many connections and locks the server allows, and who holds them.",
  passes: true,
};
const readOnly: Known = {
  code: "keys.read-only",
  what: "takes no changes: it is a standby, or was made read-only",
  help: "Let the URL name the primary server.",
  passes: true,
};
const login: Known = {
  code: "keys.login",
  what: "does not let strm in",
  help: "Check user, password and database in the URL, and the server's `pg_hba.conf`.",
  passes: false,
};
const denied: Known = {
  code: "keys.denied",
  what: "denies access to its tables",
  help: "Give the role the rights that docs/postgres.md lists.",
  passes: false,
};
const full: Known = {
  code: "keys.full",
  what: "can't grow: the server's disk is full",
  help: "Make space and run again.",
  passes: false,
};
const corrupt: Known = {
  code: "keys.corrupt",
  what: "is damaged",
  help: "Restore the database from a backup.",
  passes: false,
};
const insecure: Known = {
  code: "keys.tls",
  what: "can't be reached over a connection that is secure",
  help: "Name the certificate of its authority by `tls = { ca = … }`, or say by `sslmode` in the URL what shall be checked.",
  passes: false,
};

/** By SQLSTATE ("PostgreSQL Error Codes" in its manual). */
const byState: Readonly<Record<string, Known>> = {
  "25006": readOnly,
  "28000": login,
  "28P01": login,
  "3D000": login,
  "40001": busy,
  "40P01": busy,
  "42501": denied,
  "53100": full,
  "55P03": busy,
  "57014": slow,
  "57P01": unreachable,
  "57P02": unreachable,
  "57P03": unreachable,
  "57P05": unreachable,
  "25P03": unreachable,
  XX001: corrupt,
  XX002: corrupt,
};
/** By the first two characters, which name a class. */
const byClass: Readonly<Record<string, Known>> = { "08": unreachable, "53": busy };

const networkCodes = new Set([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
const tlsCodes = /^(CERT_|DEPTH_ZERO_|ERR_OSSL_|ERR_SSL_|ERR_TLS_|HOSTNAME_|SELF_SIGNED_|UNABLE_TO_)/;

/** The driver knows these by their texts alone. */
const byMessage: readonly (readonly [RegExp, Known])[] = [
  [/^Connection terminated|^timeout e|not queryable$/, unreachable],
  [/^Query read timeout$/, slow],
  [/^SASL: /, login],
  [/SSL connection/, insecure],
];

/** Does `work`; what goes wrong with the server becomes a failure, and a bug stays what it is. */
export async function guarded<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw failureOf(place, cause);
  }
}

function failureOf(place: string, cause: unknown): unknown {
  if (cause instanceof StrmFailure || !(cause instanceof Error)) return cause;
  const state = sqlState(cause);
  const known = state === undefined ? knownOf(cause) : (byState[state] ?? byClass[state.slice(0, 2)]);
  const where = `The key store ${place}`;
  if (known !== undefined) {
    const Kind = known.passes ? TransientFailure : StrmFailure;
    return new Kind(known.code, `${where} ${known.what}${detailOf(cause)}.`, known.help, { cause });
  }
  if (state === undefined) return cause;
  return new StrmFailure(
    "keys.failed",
    `${where} failed: ${cause.message} (SQLSTATE ${state}).`,
    "Put right what it names, and run again.",
    { cause },
  );
}

/** Of an error that the server sent. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function knownOf(error: Error): Known | undefined {
  const code = codeOf(error);
  if (networkCodes.has(code)) return unreachable;
  if (tlsCodes.test(code)) return insecure;
  return byMessage.find(([pattern]) => pattern.test(error.message))?.[1];
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/** A code says enough, and holds nothing of what was sent. */
function detailOf(error: Error): string {
  const code = codeOf(error);
  return code === "" ? "" : ` (${code})`;
}
