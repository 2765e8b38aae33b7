// Reads the URL of a PostgreSQL database, as libpq writes it ("Connection URIs" in PostgreSQL's manual).
import { isIP } from "node:net";
import { optionsFailure } from "./options-failure.ts";

export interface PostgresUrl {
  /** A name or an address; a path for the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslMode: SslMode | undefined;
  /** By what the server's own views tell who is connected. */
  readonly applicationName: string;
}

const sslModes = ["disable", "no-verify", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof sslModes)[number];

const DEFAULT_PORT = 5432;

/** Throws `keys.options`. No text of it repeats a part of the URL, which may hold a password. */
export function parsePostgresUrl(text: string): PostgresUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["postgres:", "postgresql:"].includes(url.protocol)) {
    throw optionsFailure(
      "`url` is not of the form `postgres://USER:PASSWORD@HOST:PORT/DATABASE`",
      "Correct it. What is not a letter or digit in user or password is percent-encoded: `%2F` for a slash, `%40` for an at sign.",
    );
  }
  const host = decoded(url.hostname).replace(/^\[(.*)\]$/, "$1");
  const user = decoded(url.username);
  if (host === "") throw missing("host");
  if (user === "") throw missing("user");
  const parameters = new Map(url.searchParams);
  if ([...parameters.keys()].some((name) => name !== "sslmode" && name !== "application_name")) {
    throw optionsFailure(
      "`url` has a parameter other than `sslmode` and `application_name`",
      "Take it out: certificates are named by the option `tls`. A question mark in the password is written as `%3F`.",
    );
  }
  const mode = parameters.get("sslmode");
  return {
    host,
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    database: decoded(pathIn(text)) || user,
    user,
    password: url.password === "" ? undefined : decoded(url.password),
    sslMode: mode === undefined ? undefined : sslModeOf(mode),
    applicationName: parameters.get("application_name") ?? "strm",
  };
}

/** As it is written: a URL's own path lacks `.` and `..`, which are names of databases like others. */
function pathIn(text: string): string {
  const written = text.replaceAll(/[\t\n\r]/g, "").trim();
  return /^[^:]*:\/\/[^/?#]*\/([^?#]*)/.exec(written)?.[1] ?? "";
}

/** True where what is sent does not leave the machine. */
export function isLocal({ host }: Pick<PostgresUrl, "host">): boolean {
  return (
    host.startsWith("/") ||
    host === "localhost" ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}

function sslModeOf(mode: string): SslMode {
  // What is asked for is never less than asked: others mean by `require` a certificate that nobody checks.
  const known = mode === "require" ? "verify-full" : sslModes.find((each) => each === mode);
  if (known !== undefined) return known;
  throw optionsFailure(
    "`url` has an `sslmode` that is not known here",
    "Take `verify-full`, `verify-ca`, `no-verify` or `disable`. There is none that falls back to an open connection by itself.",
  );
}

function missing(part: string): Error {
  return optionsFailure(
    `\`url\` names no ${part}`,
    "Write `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. For a Unix socket, HOST is its folder, percent-encoded: `%2Fvar%2Frun%2Fpostgresql`.",
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw optionsFailure("`url` holds a percent sign that encodes nothing", "Write a percent sign as `%25`.");
  }
}
