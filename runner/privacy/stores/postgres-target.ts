// Turns the options of a PostgreSQL key store into what a connection is made with.
import type { ConnectionOptions } from "node:tls";
import { pemFile } from "../../pem-file.ts";
import { optionsFailure } from "./options-failure.ts";
import type { PostgresOptions } from "./postgres-spec.ts";
import { isLocal, type PostgresUrl, parsePostgresUrl, type SslMode } from "./postgres-url.ts";

export interface PostgresTarget extends PostgresUrl {
  readonly schema: string;
  /** False: nothing is encrypted. */
  readonly tls: ConnectionOptions | false;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Names the store in messages: schema, host and database, never user or password. */
  readonly place: string;
}

/** Throws `keys.options`. Files are looked up from `baseDir`. */
export async function postgresTarget(options: PostgresOptions, baseDir: string): Promise<PostgresTarget> {
  const { url, schema, tls, connections, connect_timeout, statement_timeout } = options;
  const parsed = parsePostgresUrl(url);
  // No quotes are ever needed for such a name, neither by us nor by whoever grants rights on it.
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw optionsFailure(
      "`schema` is not a plain name",
      "Take lowercase letters, digits and `_`, 63 at most, the first not a digit.",
    );
  }
  const mode = parsed.sslMode ?? (tls === undefined && isLocal(parsed) ? "disable" : "verify-full");
  if (mode === "disable" && tls !== undefined) {
    throw optionsFailure("`tls` is given, and `url` says `sslmode=disable`", "Take out one of them.");
  }
  return {
    ...parsed,
    schema,
    tls: await tlsOf(mode, tls ?? {}, baseDir),
    connections,
    connectTimeoutMs: connect_timeout,
    statementTimeoutMs: statement_timeout,
    place: `${schema} at ${parsed.host}:${parsed.port}/${parsed.database}`,
  };
}

async function tlsOf(
  mode: SslMode,
  { ca, cert, key }: NonNullable<PostgresOptions["tls"]>,
  baseDir: string,
): Promise<ConnectionOptions | false> {
  if (mode === "disable") return false;
  if ((cert === undefined) !== (key === undefined)) {
    throw optionsFailure("of `tls.cert` and `tls.key`, one is missing", "Give both, or neither.");
  }
  return {
    rejectUnauthorized: mode !== "no-verify",
    // Says that the name fits, whatever it is.
    ...(mode === "verify-ca" && { checkServerIdentity: () => undefined }),
    ...(ca !== undefined && { ca: await pem(ca, baseDir) }),
    ...(cert !== undefined && { cert: await pem(cert, baseDir) }),
    ...(key !== undefined && { key }),
  };
}

function pem(path: string, baseDir: string): Promise<string> {
  return pemFile(path, baseDir, (file, help, cause) =>
    optionsFailure(`the certificate ${file} can't be read`, help, cause),
  );
}
