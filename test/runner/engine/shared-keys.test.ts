// Whole programs whose keys stand in a PostgreSQL server, which may be away, and which others share.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stateReport } from "../../../cli/output/state-report.ts";
import { styleOf } from "../../../cli/terminal.ts";
import { type RunOptions, readState } from "../../../runner/index.ts";
import { emptyFolder, linesOf, writeFiles } from "../../kit/folder.ts";
import { haveOwnPostgres } from "../../kit/postgres.ts";
import { type PostgresServer, startPostgres } from "../../kit/postgres-server.ts";
import { type RanProgram, runProgram } from "../../kit/run-program.ts";

const program = (keys: string) => `
contract person as "acme/person/1.0.0" {
  session: string    @key @pii(0)
  email: string?     @pii(1)
  person: string?    @subject @pii(1)
  consents: int[]    @consent
  at: long           @time
}
keys vault in postgres { ${keys} }
source people of person from file { path = "in.jsonl" }
encrypt people into safe
sink safe into file { path = "out/safe.jsonl" }
`;
const masterKey = JSON.stringify({ kty: "oct", k: Buffer.alloc(32, 7).toString("base64url") });
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => {
    const session = `s-${from + i}`;
    // Of one moment, whoever reads it when: so each session has one window.
    const at = Date.UTC(2026, 0, 2, 3, 4);
    return `${JSON.stringify({ at, session, email: `${session}@example.com`, person: `p-${i % 7}`, consents: [0] })}\n`;
  }).join("");
const linksIn = (folder: string): readonly string[] =>
  linesOf(folder, "out/safe.jsonl").map((line) => JSON.parse(line).strmMeta.keyLink);

describe.skipIf(!haveOwnPostgres())("keys in PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());
  const environment = () => ({ KEYS_URL: server.url(), STRM_MASTER_KEY: masterKey });
  const runIn = (folder: string, more: Partial<RunOptions> = {}): Promise<RanProgram> =>
    runProgram(folder, "a.strm", {
      environment: environment(),
      retry: { firstWaitMs: 20, maxWaitMs: 100, boundMs: 60_000 },
      ...more,
    });
  const folderWith = (schema: string, input: string): string => {
    const folder = emptyFolder();
    writeFiles(folder, {
      "a.strm": program(`url = env("KEYS_URL"), schema = "${schema}"`),
      "in.jsonl": input,
    });
    return folder;
  };

  test("pipelines that see the same sessions at once seal them alike", async () => {
    const folders = [0, 1, 2].map(() => folderWith("shared", lines(0, 2000)));
    const ran = await Promise.all(folders.map((folder) => runIn(folder)));
    for (const { finished } of ran)
      expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    const [first, ...others] = folders.map(linksIn);
    expect(new Set(first).size).toBe(2000);
    for (const other of others) expect(other).toEqual(first);
    const created = ran.flatMap(({ events }) => events).filter((event) => event.type === "keys");
    expect(created.reduce((sum, event) => sum + event.created, 0)).toBe(2000);
  });

  test("a run that starts before its server waits for it", async () => {
    const folder = folderWith("early", lines(0, 50));
    await server.stop();
    let starting: Promise<void> | undefined;
    const { finished } = await runIn(folder, {
      report: (event) => {
        if (event.type === "retry") starting ??= server.start();
      },
    });
    await starting;
    expect(finished.outcome).toBe("completed");
    expect(linksIn(folder)).toHaveLength(50);
  });

  test.each(["stop", "kill"] as const)(
    "a %s in the middle of a run is waited out: no event is lost or doubled",
    async (how) => {
      const folder = folderWith(`middle_${how}`, lines(0, 15_000));
      let ending: Promise<void> | undefined;
      const told: string[] = [];
      const { finished } = await runIn(folder, {
        workers: 2,
        checkpointEveryMs: 5,
        report: (event) => {
          if (event.type === "retry" || event.type === "recovered") told.push(`${event.type} ${event.where}`);
          // Some keys are made, and most are not.
          if (event.type === "keys") ending ??= server[how]().then(() => server.start());
        },
      });
      await ending;
      expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
      expect(new Set(linksIn(folder)).size).toBe(15_000);
      expect(told).toContain("recovered keys");
    },
  );

  test("a server that says no ends the run at once", async () => {
    const folder = folderWith("denied", lines(0, 5));
    const url = new URL(server.url());
    url.password = "geheim";
    const { events, finished } = await runIn(folder, {
      environment: { ...environment(), KEYS_URL: url.href },
    });
    expect(finished.outcome).toBe("failed");
    expect(events.filter(({ type }) => type === "retry")).toEqual([]);
    expect(events.find(({ type }) => type === "failed")).toMatchObject({ code: "keys.login" });
    expect(JSON.stringify(events)).not.toContain("geheim");
  });

  test("a run goes on with more connections, and not with another schema", async () => {
    const folder = folderWith("tuned", lines(0, 20));
    const stop = new AbortController();
    const follow = 'file { path = "in.jsonl", follow = true }';
    const write = (keys: string) =>
      writeFiles(folder, { "a.strm": program(keys).replace('file { path = "in.jsonl" }', follow) });
    write('url = env("KEYS_URL"), schema = "tuned"');
    const first = await runIn(folder, {
      stop: stop.signal,
      checkpointEveryMs: 5,
      report: (event) => {
        if (event.type === "checkpoint") stop.abort();
      },
    });
    expect(first.finished.outcome).toBe("stopped");
    appendFileSync(join(folder, "in.jsonl"), lines(20, 30));
    write('url = env("KEYS_URL"), schema = "other"');
    const refused = await runIn(folder);
    expect(refused.events.find(({ type }) => type === "failed")).toMatchObject({ code: "run.changed" });
    write('url = env("KEYS_URL"), schema = "tuned", connections = 9, statement_timeout = 5s');
    const again = new AbortController();
    const second = await runIn(folder, {
      stop: again.signal,
      checkpointEveryMs: 5,
      report: (event) => {
        if (event.type === "checkpoint") again.abort();
      },
    });
    expect(second.finished.outcome).toBe("stopped");
    expect(new Set(linksIn(folder)).size).toBe(30);
  });

  test("the state shows how many there are, where the server can be asked", async () => {
    const folder = folderWith("counted", lines(0, 12));
    await runIn(folder);
    const stateDir = join(folder, ".strm");
    const text = async (environment: Readonly<Record<string, string>>): Promise<string> => {
      const report = await readState({ stateDir, baseDir: folder, environment });
      return stateReport(report, styleOf(process.stdout)).join("\n");
    };
    const { keys } = await readState({ stateDir, environment: environment() });
    expect(keys).toMatchObject([
      {
        store: "postgres",
        path: null,
        database: `counted at 127.0.0.1:${server.port}/postgres`,
        counts: [{ contract: "acme/person/1.0.0", scheme: "purpose_bound", links: 12 }],
      },
    ]);
    expect(await text(environment())).toMatch(/acme\/person\/1\.0\.0 +purpose_bound +12 +20/);
    expect(await text({})).toContain("keys  postgres: kept elsewhere, and not counted here");
    const closed = server.url().replace(`:${server.port}/`, ":1/");
    expect(await text({ KEYS_URL: closed })).toMatch(
      /keys {2}postgres counted at 127\.0\.0\.1:1\/postgres: not counted\. .* does not answer/,
    );
    const empty = await text({ KEYS_URL: `${server.url("template1")}` });
    expect(empty).toMatch(/template1: none yet/);
  });
});
