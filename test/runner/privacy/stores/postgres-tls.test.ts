// A PostgreSQL store behind TLS: what each `sslmode` checks, and certificates of one's own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresTarget } from "../../../../runner/privacy/stores/postgres-target.ts";
import { Authority, opensslMissing } from "../../../kit/certificates.ts";
import { codeOf } from "../../../kit/failures.ts";
import { openKeyStore } from "../../../kit/key-stores.ts";
import { haveOwnPostgres, sqlAt } from "../../../kit/postgres.ts";
import { type PostgresServer, startPostgres } from "../../../kit/postgres-server.ts";
import { needServer } from "../../../kit/servers.ts";

describe.skipIf(!haveOwnPostgres() || !needServer("TLS", opensslMissing()))("a server with TLS", () => {
  let server: PostgresServer;
  let folder = "";
  let ownKey = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "strm-tls-"));
    const authority = new Authority(folder);
    const other = authority.issue("known");
    ownKey = other.key;
    writeFileSync(join(folder, "authority.pem"), authority.cert);
    writeFileSync(join(folder, "own.pem"), other.cert);
    // Its name is its address alone: `localhost` is another one.
    const { cert, key } = authority.issue("database", "IP:127.0.0.1");
    server = await startPostgres({
      files: { "server.pem": cert, "server.key": key, "ca.pem": authority.cert },
      settings: {
        ssl: "on",
        ssl_cert_file: "../server.pem",
        ssl_key_file: "../server.key",
        ssl_ca_file: "../ca.pem",
      },
      hba: [
        "hostssl all known all cert",
        "hostssl all all all scram-sha-256",
        // For the test's own connections.
        "hostnossl postgres postgres all scram-sha-256",
        "",
      ].join("\n"),
    });
    await sqlAt(server.url(), "CREATE ROLE known LOGIN; GRANT CREATE ON DATABASE postgres TO known");
  });
  afterAll(async () => {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Where {
    readonly mode?: string;
    readonly host?: string;
    readonly tls?: Readonly<Record<string, string>>;
    readonly user?: string;
  }
  let asked = 0;
  const urlOf = ({ mode, host, user }: Where): string => {
    const url = new URL(server.url());
    url.searchParams.set("application_name", `strm ${++asked}`);
    if (host !== undefined) url.hostname = host;
    if (mode !== undefined) url.searchParams.set("sslmode", mode);
    if (user !== undefined) {
      url.username = user;
      url.password = "";
    }
    return url.href;
  };
  /** Whether the store's connection is encrypted, as the server sees it. */
  const encrypted = async (where: Where): Promise<unknown> => {
    const schema = where.user ?? "strm";
    const options = { url: urlOf(where), schema, ...(where.tls !== undefined && { tls: where.tls }) };
    const store = await openKeyStore({ store: "postgres", options, stateDir: folder });
    try {
      await store.counts();
      const [row] = await sqlAt(
        server.url(),
        `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'strm ${asked}'`,
      );
      return row?.ssl;
    } finally {
      await store.close();
    }
  };
  const ca = { ca: "authority.pem" };

  test.each([
    ["verify-full", { mode: "verify-full", tls: ca }],
    ["require", { mode: "require", tls: ca }],
    ["a certificate is named, and no mode", { tls: ca }],
    ["verify-ca, under another name", { mode: "verify-ca", host: "localhost", tls: ca }],
    ["no-verify", { mode: "no-verify", host: "localhost" }],
  ])("is encrypted: %s", async (_, where) => {
    expect(await encrypted(where)).toBe(true);
  });

  test("is not encrypted on this machine, or where that is said", async () => {
    expect(await encrypted({})).toBe(false);
    expect(await encrypted({ mode: "disable" })).toBe(false);
  });

  test.each([
    ["an authority that nobody named", { mode: "verify-full" }],
    ["another name", { mode: "verify-full", host: "localhost", tls: ca }],
    ["an authority that nobody named, and the name is not looked at", { mode: "verify-ca" }],
  ])("is refused: %s", async (_, where) => {
    expect(await codeOf(encrypted(where))).toBe("keys.tls");
  });

  test("shows a certificate of its own instead of a password", async () => {
    const own = { ...ca, cert: "own.pem", key: ownKey };
    expect(await encrypted({ user: "known", tls: own })).toBe(true);
    expect(await codeOf(encrypted({ user: "known", tls: ca }))).toBe("keys.login");
  });
});

describe.skipIf(!haveOwnPostgres())("a server without TLS", () => {
  test("gets no open connection instead", async () => {
    const server = await startPostgres();
    const url = `${server.url()}?sslmode=verify-full`;
    try {
      expect(await codeOf(openKeyStore({ store: "postgres", options: { url }, stateDir: "/" }))).toBe(
        "keys.tls",
      );
    } finally {
      await server.remove();
    }
  });
});

describe("options that don't go together", () => {
  const base = { schema: "strm", connections: 1, connect_timeout: 1, statement_timeout: 1 };
  const url = "postgres://u:p@db/d";
  test.each([
    ["a certificate and no encryption", { ...base, url: `${url}?sslmode=disable`, tls: { ca: "ca.pem" } }],
    ["a certificate without its key", { ...base, url, tls: { cert: "own.pem" } }],
    ["a certificate that is not there", { ...base, url, tls: { ca: "nowhere.pem" } }],
    ["a schema that needs quotes", { ...base, url, schema: 'a"; DROP SCHEMA strm; --' }],
  ])("%s", async (_, options) => {
    expect(await codeOf(postgresTarget(options, "/"))).toBe("keys.options");
  });

  test("a server on another machine is checked unless the URL says otherwise", async () => {
    expect((await postgresTarget({ ...base, url }, "/")).tls).toEqual({ rejectUnauthorized: true });
    expect((await postgresTarget({ ...base, url: `${url}?sslmode=disable` }, "/")).tls).toBe(false);
    expect((await postgresTarget({ ...base, url: "postgres://u@localhost/d" }, "/")).tls).toBe(false);
  });
});
