// `strm top` as somebody uses it: it attaches to a run of another process, is led by keys, survives the run's own end, and leaves without a trace.
import { once } from "node:events";
import { request as ask } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { allEvents } from "../kit/all-events.ts";
import { Authority, opensslMissing } from "../kit/certificates.ts";
import { root, type StartedCli, startStrm, strm } from "../kit/cli.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";
import { lineGraph } from "../kit/line-parts.ts";
import { freePorts } from "../kit/ports.ts";
import { pythonMissing } from "../kit/python.ts";
import { run as answers, serve, snapshotOf } from "../kit/served-run.ts";
import { needServer } from "../kit/servers.ts";
import { strmInTerminal, type TerminalOptions, type TerminalRun } from "../kit/terminal.ts";

const program = (count: string) => `
purposes { functional = 0 "what the service needs to work at all" }
contract demo as "strmprivacy/example/1.3.0" from "${join(root, "pipelines/schemas/demo-event.avsc")}" {
  consistentValue         @key @pii(functional)
  strmMeta.consentLevels  @consent
  strmMeta.timestamp      @time
}
source events of demo from simulator { rate = 500${count} }
encrypt events into safe
sink safe into file { path = "safe.jsonl" }
`;
const token = "a-token-that-nobody-guesses";
const graph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
const size = { columns: 80, rows: 24 };
const ctrlC = "\u0003";

interface Served {
  readonly file: string;
  readonly url: string;
  readonly run: StartedCli;
}

function pipeline(count = ""): string {
  const folder = emptyFolder();
  writeFiles(folder, { "visits.strm": program(count) });
  return join(folder, "visits.strm");
}

async function served(file: string, port = 0): Promise<Served> {
  const flags = ["--listen", `127.0.0.1:${port}`, "--output", "json", "--checkpoint-every", "200ms"];
  const run = startStrm(["run", file, ...flags], { env: { STRM_LISTEN_TOKEN: token } });
  await run.until(/"type":"progress"/);
  const [, url = ""] = /listening on (http:\S+)/.exec(run.seen()) ?? [];
  return { file, url, run };
}

function top(url: string, options: Partial<TerminalOptions> = {}, ...flags: string[]): Promise<TerminalRun> {
  const env = { STRM_LISTEN_TOKEN: token, ...options.env };
  return strmInTerminal(["top", url, ...flags], { ...size, ...options, env });
}

const running = /visits {2}running[\s\S]*q leave/;
const gone = { restored: true, alternate: false, cursor: true };

describe.skipIf(!needServer("A terminal", pythonMissing()))("strm top", () => {
  test("attaches, is walked through by keys, and shows the end of the run with its exit code", async () => {
    const { run, url } = await served(pipeline());
    const watched = await top(url);
    const first = await watched.until(/→ file[\s\S]*q leave/);
    expect(first).toMatchObject({ alternate: true, cursor: false });
    expect(first.lines[0]).toMatch(/^visits {2}running .* exactly-once$/);
    expect(first.lines[23]).toBe("arrows move  enter look inside  / filter  p freeze  ? help  q leave");
    watched.type("\r");
    await watched.until(/events {2}source[\s\S]*contract {2}strmprivacy\/example\/1\.3\.0/);
    watched.type("t");
    await watched.until(/no value of one leaves it/);
    watched.type("?");
    await watched.until(/q, Ctrl-C +leave; the run goes on/);
    watched.type("x");
    watched.resize(120, 40);
    await watched.until(/ {20,}exactly-once$/m);

    run.kill("SIGTERM");
    expect((await run.ended).code).toBe(0);
    const end = await watched.ended;
    expect(end).toMatchObject({ code: 0, ...gone });
    const text = end.lines.join("\n");
    expect(text).toMatch(/^attached to http:\/\/127\.0\.0\.1:\d+$/m);
    expect(text).toMatch(/visits stopped by SIGTERM: [\d,]+ events read/);
    expect(text).toMatch(/The ledger balances/);
    expect(text).toContain("strm run visits.strm goes on where it stopped");
  });

  test("leaves by q, Ctrl-C and a signal, and the run goes on", async () => {
    const { run, url } = await served(pipeline());
    for (const leave of [
      (watched: TerminalRun) => watched.type("q"),
      (watched: TerminalRun) => watched.type(ctrlC),
      (watched: TerminalRun) => watched.signal(15),
    ]) {
      const watched = await top(url);
      await watched.until(running);
      leave(watched);
      const end = await watched.ended;
      expect(end).toMatchObject({ code: 0, ...gone });
      expect(end.lines.join("\n")).toMatch(/^left visits at \S+, which was not stopped$/m);
    }
    run.kill("SIGTERM");
    const { stdout } = await run.ended;
    expect(stdout.match(/"type":"stopping".*/g)).toEqual([expect.stringContaining('"signal":"SIGTERM"')]);
  });

  test("goes on with the run that is started again on the same port after a crash, also of another graph", async () => {
    const [port = 0] = await freePorts(1);
    const file = pipeline();
    const before = await served(file, port);
    const watched = await top(before.url);
    await watched.until(running);
    before.run.kill("SIGKILL");
    await watched.until(/visits {2}lost the run \d[\s\S]*lost: it /);
    await before.run.ended;
    writeFiles(join(file, ".."), {
      "visits.strm": `${program("")}sink safe into file { path = "again.jsonl" }\n`,
    });
    const flags = ["--from-start", "--listen", `127.0.0.1:${port}`, "--output", "json"];
    const again = startStrm(["run", file, ...flags], { env: { STRM_LISTEN_TOKEN: token } });
    await watched.until(/visits {2}running[\s\S]*→ file[\s\S]*→ file/);
    watched.type("\u001b[B\u001b[B\u001b[B\r");
    await watched.until(/safe->file#2 {2}sink[\s\S]*again\.jsonl/);
    again.kill("SIGTERM");
    expect((await again.ended).code).toBe(0);
    expect(await watched.ended).toMatchObject({ code: 0, ...gone });
  });

  test("has no colours with NO_COLOR, and nothing but ASCII with --ascii", async () => {
    const { run, url } = await served(pipeline());
    const watched = await top(url, { env: { NO_COLOR: "1" } }, "--ascii");
    const shot = await watched.until(running);
    expect(shot.colours).toBe(false);
    expect(shot.lines.join("\n")).toMatch(/^[\n -~]*$/);
    watched.type("q");
    expect((await watched.ended).lines.join("\n")).toMatch(/^[\n -~]*$/);
    run.kill("SIGTERM");
    await run.ended;
  });

  test.each<[number, { outcome: string; quarantine: object | null; code?: string }]>([
    [0, { outcome: "stopped", quarantine: null }],
    [2, { outcome: "failed", quarantine: null }],
    [1, { outcome: "failed", quarantine: null, code: "bug" }],
    [5, { outcome: "completed", quarantine: { path: "/state/quarantine", events: 3 } }],
  ])("ends with %i where the run ends with %j", async (code, { code: cause = "run.locked", ...how }) => {
    const events = allEvents.map((event) => {
      if (event.type === "finished") return { ...event, ...how };
      if (event.type === "failed") return { ...event, code: cause };
      return event.type === "started" ? { ...event, graph_hash: graph.hash } : event;
    });
    const told = events.filter(({ type }) => type !== "failed" || how.outcome === "failed");
    const { url } = await serve(answers(graph, (stream) => stream.write(snapshotOf(...told))));
    const end = await (await top(url)).ended;
    expect(end).toMatchObject({ code, switched: false, ...gone });
    expect(end.lines.join("\n")).toContain(how.outcome === "failed" ? "help: Wait." : "The ledger balances");
  });

  test.skipIf(!needServer("A certificate", opensslMissing()))(
    "attaches over TLS and behind a proxy's path, where the certificate is trusted",
    async () => {
      const { run, url } = await served(pipeline());
      const folder = emptyFolder();
      const authority = new Authority(folder);
      writeFiles(folder, { "authority.pem": authority.cert });
      const proxy = createServer(authority.issue("localhost", "DNS:localhost"), (request, response) => {
        const path = (request.url ?? "").replace(/^\/clicks\//, "/");
        const { authorization = "" } = request.headers;
        const asked = ask(`${url}${path}`, { headers: { authorization }, agent: false }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        asked.on("error", () => response.destroy()).end();
      }).listen(0, "127.0.0.1");
      await once(proxy, "listening");
      onTestFinished(() => {
        proxy.closeAllConnections();
        proxy.close();
      });
      const address = proxy.address();
      const there = `https://localhost:${typeof address === "object" ? address?.port : 0}/clicks`;
      const stranger = await (await top(there)).ended;
      expect(stranger).toMatchObject({ code: 2, switched: false, ...gone });
      expect(stranger.lines.join("\n")).toMatch(/error\[top\.unreachable\]: \S+ has a certificate that/);
      const watched = await top(there, { env: { NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") } });
      await watched.until(running);
      run.kill("SIGTERM");
      await run.ended;
      expect(await watched.ended).toMatchObject({ code: 0, ...gone });
    },
  );

  test("says what is wrong before it takes the terminal", async () => {
    const { run, url } = await served(pipeline());
    const wrong = await top(url, { env: { STRM_LISTEN_TOKEN: "not-the-one-that-is-asked-for" } });
    const refused = await wrong.ended;
    expect(refused).toMatchObject({ code: 2, switched: false, ...gone });
    expect(refused.lines.join("\n")).toMatch(/error\[top\.unauthorized\]: 127\.0\.0\.1:\d+ does not take/);
    expect(refused.lines.join("\n")).not.toContain("not-the-one");
    run.kill("SIGTERM");
    await run.ended;
    const nobody = await (await top(url)).ended;
    expect(nobody).toMatchObject({ code: 2, switched: false, ...gone });
    expect(nobody.lines.join("\n")).toMatch(/error\[top\.unreachable\]: \S+ refuses the connection/);
    const behind = await (await top(url, { shell: 'set -m; "$@" & wait $!' })).ended;
    expect(behind).toMatchObject({ code: 2, switched: false, ...gone });
    // The terminal has broken the line.
    expect(behind.lines.join("")).toMatch(/error\[top\.no-terminal\]: .*behind the terminal's present job/);
  });
});

test.each([
  [["9464"], /^error\[top\.address\]: /],
  [["https://user:PLANTED@127.0.0.1:1"], /^error\[top\.address\]: .* token belongs into STRM_LISTEN_TOKEN/],
  [["http://127.0.0.1:1"], /^error\[top\.no-terminal\]: /],
])("%j without a terminal is refused", async (args, message) => {
  const { code, stderr } = await strm(["top", ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/\n {2}help: /);
  expect(stderr).not.toContain("PLANTED");
});
