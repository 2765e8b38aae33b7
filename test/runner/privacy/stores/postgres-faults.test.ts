// A PostgreSQL store whose server stops, dies, hangs or refuses: what is said, what is tried again, and that nothing is lost.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { StrmFailure, TransientFailure } from "../../../../runner/failure.ts";
import type { KeyStore, Link } from "../../../../runner/privacy/key-store.ts";
import { guarded } from "../../../../runner/privacy/stores/postgres-failures.ts";
import { digestOf, linkRequest, openKeyStore } from "../../../kit/key-stores.ts";
import { LossyProxy } from "../../../kit/lossy-proxy.ts";
import { haveOwnPostgres, sqlAt } from "../../../kit/postgres.ts";
import { type PostgresServer, startPostgres } from "../../../kit/postgres-server.ts";

const secret = () => ({ keyLink: randomUUID(), wrappedSecret: Uint8Array.of(1, 2, 3) });

/** Code and kind of what it fails with; its texts never hold a password. */
async function failureOf(doing: Promise<unknown>): Promise<{ code: string; passes: boolean }> {
  const error: unknown = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StrmFailure)) throw new Error("no failure", { cause: error });
  expect(`${error.message} ${error.help}`).not.toMatch(/geheim|postgres:\/\//);
  return { code: error.code, passes: error instanceof TransientFailure };
}

/** As a run does, but without a pause: here it is known that the server comes back. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
    }
  }
}

describe.skipIf(!haveOwnPostgres())("a server", () => {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  /** Each in a schema of its own, but where one is given. */
  const open = async (more: Readonly<Record<string, string | number>> = {}): Promise<KeyStore> => {
    const options = { url: server.url(), schema: `s${++schemas}`, ...more };
    const store = await openKeyStore({ store: "postgres", options, stateDir: "/" });
    onTestFinished(() => store.close());
    return store;
  };
  /** The same database as a role that only this test has. */
  const asRole = async (attributes: string, ...sql: string[]): Promise<string> => {
    const role = `r${++schemas}`;
    await sqlAt(server.url(), `CREATE ROLE ${role} LOGIN PASSWORD 'geheim' ${attributes}`);
    for (const each of sql) await sqlAt(server.url(), each.replaceAll("ROLE_", role));
    const url = new URL(server.url());
    url.username = role;
    url.password = "geheim";
    return url.href;
  };

  test("that is stopped and started again: what was known is known", async () => {
    const store = await open();
    const [link] = await store.links([linkRequest(1, 0)], secret);
    await server.stop();
    expect(await failureOf(store.links([linkRequest(1, 0)], secret))).toEqual({
      code: "keys.unreachable",
      passes: true,
    });
    await server.start();
    expect(await patiently(() => store.links([linkRequest(1, 0)], secret))).toEqual([
      { ...link, created: false },
    ]);
  });

  test.each(["stop", "kill"] as const)(
    "that meets a %s under load loses no link that was given",
    async (how) => {
      const stores = await Promise.all([1, 2, 3].map(() => open({ schema: `load_${how}` })));
      const given: Link[] = [];
      let over = false;
      let rounds = 0;
      const workers = stores.map(async (store, worker) => {
        while (!over) {
          const requests = Array.from({ length: 20 }, (_, i) =>
            linkRequest((rounds++ % 500) + worker + i, 0),
          );
          const links = await patiently(() => store.links(requests, secret));
          given.push(...links);
          const subjects = links.map(({ keyLink }) => ({ contract: "c", digest: digestOf(worker), keyLink }));
          await patiently(() => store.noteSubjects(subjects));
        }
      });
      for (const until of [300, 900, 1500]) {
        while (given.length < until) await new Promise((resolve) => setImmediate(resolve));
        await server[how]();
        await server.start();
      }
      over = true;
      await Promise.all(workers);
      const after = await open({ schema: `load_${how}` });
      const found = await after.byName(given.map(({ keyLink }) => keyLink));
      expect(found).toEqual(given.map((link) => ({ ...link, created: false })));
      // One link a value: whatever was asked for twice.
      const names = new Map(given.map(({ keyLink }) => [keyLink, 0]));
      expect((await after.counts()).links).toBe(names.size);
    },
  );

  test("whose answer is lost: what was made is found when it is asked again", async () => {
    const proxy = await LossyProxy.to(server.port);
    onTestFinished(() => proxy.close());
    const url = new URL(server.url());
    url.port = String(proxy.port);
    const store = await open({ url: url.href, schema: "lost", connections: 1 });
    await store.links([linkRequest(0, 0)], secret);
    // The first statement finds none, and is answered; the second one makes the links.
    proxy.loseAnswerTo("INSERT INTO links");
    const requests = [linkRequest(1, 0), linkRequest(2, 0)];
    expect(await failureOf(store.links(requests, secret))).toEqual({
      code: "keys.unreachable",
      passes: true,
    });
    expect(proxy.lost).toBe(1);
    const links = await store.links(requests, secret);
    expect(links.map(({ created }) => created)).toEqual([false, false]);
    expect((await store.counts()).links).toBe(3);
    // And the same of a transaction's end.
    proxy.loseAnswerTo("COMMIT");
    const later = requests.map((request) => ({ ...request, timeMs: 2 * 86_400_000 }));
    expect((await failureOf(store.links(later, secret))).passes).toBe(true);
    expect(proxy.lost).toBe(2);
    expect((await store.links(later, secret)).map(({ created }) => created)).toEqual([false, false]);
    expect((await store.counts()).links).toBe(5);
  });

  test("that ends connections, idle ones and busy ones", async () => {
    const store = await open();
    await store.links([linkRequest(1, 0)], secret);
    const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'strm'";
    await sqlAt(server.url(), end);
    await patiently(() => store.links([linkRequest(1, 0)], secret));
    // Busy: it waits for a lock.
    await holding(server.url(), "LOCK TABLE SCHEMA.links", schemas, async () => {
      const waiting = failureOf(store.links([linkRequest(2, 0)], secret));
      await waits(server.url());
      await sqlAt(server.url(), end);
      expect(await waiting).toEqual({ code: "keys.unreachable", passes: true });
    });
    expect(await store.links([linkRequest(2, 0)], secret)).toMatchObject([{ created: true }]);
  });

  test("that takes too long is left, and asked again", async () => {
    const store = await open({ statement_timeout: 200 });
    await holding(server.url(), "LOCK TABLE SCHEMA.links", schemas, async () => {
      expect(await failureOf(store.links([linkRequest(1, 0)], secret))).toEqual({
        code: "keys.slow",
        passes: true,
      });
    });
    expect(await store.links([linkRequest(1, 0)], secret)).toMatchObject([{ created: true }]);
  });

  test("that falls silent in the middle is noticed", async () => {
    const store = await open({ statement_timeout: 200, connections: 1 });
    await store.links([linkRequest(1, 0)], secret);
    const [backend] = await sqlAt(
      server.url(),
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'strm'",
    );
    const pid = Number(backend?.pid);
    process.kill(pid, "SIGSTOP");
    expect(await failureOf(store.links([linkRequest(1, 0)], secret))).toEqual({
      code: "keys.slow",
      passes: true,
    });
    // By another connection.
    expect(await store.links([linkRequest(1, 0)], secret)).toMatchObject([{ created: false }]);
    process.kill(pid, "SIGCONT");
  });

  test("that answers nobody, not even at the start", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    onTestFinished(() => {
      silent.close();
    });
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const url = `postgres://u:geheim@127.0.0.1:${port}/d`;
    expect(await failureOf(open({ url, connect_timeout: 200 }))).toEqual({
      code: "keys.unreachable",
      passes: true,
    });
  });

  test("that does not let strm in", async () => {
    const url = await asRole("");
    const wrong = (change: (url: URL) => void): string => {
      const changed = new URL(url);
      change(changed);
      return changed.href;
    };
    for (const each of [
      wrong((it) => {
        it.password = "geheimer";
      }),
      wrong((it) => {
        it.password = "";
      }),
      wrong((it) => {
        it.username = "nobody";
      }),
      wrong((it) => {
        it.pathname = "/nothing";
      }),
    ])
      expect(await failureOf(open({ url: each }))).toEqual({ code: "keys.login", passes: false });
  });

  test("that has no connection left", async () => {
    const url = await asRole("CONNECTION LIMIT 1", "GRANT CREATE ON DATABASE postgres TO ROLE_");
    const store = await open({ url });
    await store.counts();
    expect(await failureOf(open({ url }))).toEqual({ code: "keys.busy", passes: true });
  });

  test("that takes no changes", async () => {
    const schema = "readonly";
    await (await open({ schema })).links([linkRequest(1, 0)], secret);
    const url = await asRole(
      "",
      `GRANT USAGE ON SCHEMA ${schema} TO ROLE_; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ${schema} TO ROLE_`,
      "ALTER ROLE ROLE_ SET default_transaction_read_only = on",
    );
    const store = await open({ url, schema });
    expect(await store.links([linkRequest(1, 0)], secret)).toMatchObject([{ created: false }]);
    expect(await failureOf(store.links([linkRequest(2, 0)], secret))).toEqual({
      code: "keys.read-only",
      passes: true,
    });
  });

  test("a batch is one transaction: where one request fails, none was made, and the store goes on", async () => {
    const store = await open();
    const same = "00000000-0000-4000-8000-000000000000";
    const twice = () => ({ keyLink: same, wrappedSecret: Uint8Array.of(1) });
    const failing = store.links([linkRequest(1, 0), linkRequest(2, 0)], twice);
    expect(await failureOf(failing)).toEqual({ code: "keys.failed", passes: false });
    expect(await store.counts()).toEqual({ links: 0, subjects: 0 });
    expect(await store.links([linkRequest(1, 0)], twice)).toMatchObject([{ created: true }]);
  });
});

test("a bug is not dressed up as a failure", async () => {
  const bug = new TypeError("x is undefined");
  await expect(guarded("s", () => Promise.reject(bug))).rejects.toBe(bug);
});

test.each([
  ["40001", "keys.busy", true],
  ["40P01", "keys.busy", true],
  ["53300", "keys.busy", true],
  ["53100", "keys.full", false],
  ["57P03", "keys.unreachable", true],
  ["08006", "keys.unreachable", true],
  ["XX001", "keys.corrupt", false],
  ["22023", "keys.failed", false],
])("SQLSTATE %s is told as %s", async (state, code, passes) => {
  const error = Object.assign(new Error("so it is"), { severity: "ERROR", code: state });
  expect(await failureOf(guarded("s", () => Promise.reject(error)))).toEqual({ code, passes });
});

/** Does `work` while a session of somebody else's holds what the statement locks. */
async function holding(url: string, lock: string, schema: number, work: () => Promise<void>): Promise<void> {
  const { Client } = await import("pg");
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(lock.replace("SCHEMA", `s${schema}`));
    await work();
  } finally {
    await client.end();
  }
}

/** Resolves when a store's statement waits for a lock. */
async function waits(url: string): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'strm' AND wait_event_type = 'Lock'";
  while ((await sqlAt(url, waiting)).length === 0);
}
