// A run that is watched from outside: what it serves is right, holds nothing of its events or secrets, and ends with it.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ask, linesFrom } from "../kit/ask.ts";
import { type StartedCli, startStrm, strm } from "../kit/cli.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";
import { parseMetrics, sampleOf } from "../kit/parse-metrics.ts";
import { pythonMissing } from "../kit/python.ts";
import { needServer } from "../kit/servers.ts";

const planted = {
  session: "PLANTED-session",
  email: "PLANTED-email",
  seed: "PLANTED-mask-seed-of-some-length",
  token: "PLANTED-token-of-some-length",
};
const program = `
contract person as "acme/person/1.0.0" {
  session: string   @key @pii(0)
  email: string?    @pii(1)
  consents: int[]?  @consent
}
source people of person from file { path = "in.jsonl", follow = true }
encrypt people into safe
decrypt safe into contact for granular(1) { mask = [session], mask_seed = secret("MASK_SEED") }
sink safe    into file { path = "safe.jsonl" }
sink contact into file { path = "contact.jsonl" }
`;
const event = (consents: string) =>
  `{"session":"${planted.session}","email":"${planted.email}","consents":${consents}}\n`;
const refused = `{"session":"${planted.session}","surname":"PLANTED-undeclared"}\n`;

interface Watched {
  readonly running: StartedCli;
  readonly folder: string;
  readonly url: string;
}

async function watched(...more: readonly string[]): Promise<Watched> {
  const folder = emptyFolder();
  writeFiles(folder, { "people.strm": program, "in.jsonl": `${event("[0]")}${event("[1]")}${refused}` });
  const flags = ["--listen", "127.0.0.1:0", "--checkpoint-every", "100ms", "--output", "json", ...more];
  const env = { MASK_SEED: planted.seed, STRM_LISTEN_TOKEN: planted.token };
  const running = startStrm(["run", join(folder, "people.strm"), ...flags], { env });
  await running.until(/listening on http:\S+/);
  await running.until(
    /"type":"checkpoint"[\s\S]*"type":"progress"|"type":"progress"[\s\S]*"type":"checkpoint"/,
  );
  const [, url = ""] = /listening on (http:\S+)/.exec(running.seen()) ?? [];
  return { running, folder, url };
}

const headers = { authorization: `Bearer ${planted.token}` };

describe.skipIf(!needServer("Python", pythonMissing()))("a run with --listen", () => {
  test("serves metrics, health, graph and events, and nothing of what it reads", async () => {
    const { running, folder, url } = await watched();
    expect(await ask(`${url}/livez`)).toMatchObject({ status: 200, text: "alive\n" });
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200, text: "ready\n" });
    expect((await ask(`${url}/metrics`)).status).toBe(401);

    const lines = linesFrom(`${url}/events`, headers);
    const snapshot = (await lines.next()).value ?? "";
    expect(JSON.parse(snapshot).events.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(["started", "opened", "checkpoint", "progress", "rejected"]),
    );
    appendFileSync(join(folder, "in.jsonl"), event("[0,1]"));
    const seen = [snapshot];
    for await (const line of lines) {
      seen.push(line);
      if (line.includes('"name":"people","kind":"source","in":4,')) break;
    }

    const metrics = await ask(`${url}/metrics`, { headers });
    expect(metrics.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    const families = await parseMetrics(metrics.text);
    expect(sampleOf(families, "strm_events_received_total", { step: "people" })).toBe(4);
    expect(sampleOf(families, "strm_events_total", { step: "contact", outcome: "withheld" })).toBe(1);
    expect(sampleOf(families, "strm_rejected_events_total", { step: "people" })).toBe(1);
    expect(sampleOf(families, "strm_key_links_created_total", { step: "safe" })).toBe(1);
    expect(sampleOf(families, "strm_key_rotations_total", { step: "safe" })).toBe(0);
    expect(sampleOf(families, "strm_key_store_calls_total", { call: "find_or_make" })).toBe(1);
    expect(sampleOf(families, "strm_batches_total")).toBeGreaterThanOrEqual(2);
    expect(sampleOf(families, "strm_kernel_seconds_total")).toBeGreaterThan(0);
    expect(sampleOf(families, "strm_checkpoint_duration_seconds_count")).toBe(
      sampleOf(families, "strm_checkpoints_total"),
    );
    expect(sampleOf(families, "strm_checkpoints_total")).toBeGreaterThanOrEqual(1);
    expect(sampleOf(families, "strm_ledger_balanced")).toBe(1);

    const graph = await ask(`${url}/graph`, { headers });
    const printed = await strm(["graph", join(folder, "people.strm"), "--format", "json"]);
    expect(JSON.parse(graph.text)).toEqual(JSON.parse(printed.stdout));

    running.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(5);
    for (const [place, text] of Object.entries({
      events: seen.join("\n"),
      metrics: metrics.text,
      graph: graph.text,
      stdout,
      stderr,
    })) {
      for (const value of ["PLANTED", Buffer.from(planted.session).toString("base64").slice(0, -2)]) {
        expect(text, place).not.toContain(value);
      }
    }
  });

  test("tells its watchers how it ended, and is gone then", async () => {
    const { running, url } = await watched();
    const lines = linesFrom(`${url}/events`, headers);
    await lines.next();
    running.kill("SIGTERM");
    let last = "";
    for await (const line of lines) if (line !== "") last = line;
    expect(JSON.parse(last)).toMatchObject({ type: "finished", outcome: "stopped" });
    expect((await running.ended).code).toBe(5);
    await expect(ask(`${url}/livez`)).rejects.toThrow();
  });
});

test.each([
  [["--listen", "9464"], {}, /Give a host and a port/],
  [
    ["--listen", "0.0.0.0:0"],
    {},
    /^error\[listen\.token\]: .* open to other machines, and STRM_LISTEN_TOKEN is not set/,
  ],
  [["--listen", "0.0.0.0:0"], { STRM_LISTEN_TOKEN: "" }, /STRM_LISTEN_TOKEN is not set/],
  [
    ["--listen", "192.0.2.1:1"],
    { STRM_LISTEN_TOKEN: planted.token },
    /^error\[listen\.address\]: .*nothing can listen on 192\.0\.2\.1:1 \(EADDRNOTAVAIL\)/,
  ],
])("%j with %j is refused before anything is run", async (flags, env, message) => {
  const folder = emptyFolder();
  writeFiles(folder, { "people.strm": program, "in.jsonl": "" });
  const { code, stderr } = await strm(["run", join(folder, "people.strm"), ...flags], { env });
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/\n {2}help: /);
  expect(stderr).not.toContain("PLANTED");
});

test("a replay of rejected events is served in the same way", async () => {
  const folder = emptyFolder();
  const file = join(folder, "people.strm");
  const once = program.replace(", follow = true", "");
  writeFiles(folder, { "people.strm": once, "in.jsonl": `${event("[0]")}${refused}` });
  const env = { MASK_SEED: planted.seed };
  expect((await strm(["run", file], { env })).code).toBe(5);
  const flags = ["--listen", "127.0.0.1:0", "--output", "json"];
  const { code, stdout, stderr } = await strm(["rejected", "replay", file, ...flags], { env });
  expect(stderr).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m);
  expect(stdout).toMatch(/"type":"started".*"replays":true/);
  expect(code).toBe(5);
});
