// Runs that are stopped, go on, start over or replay, as a user asks for it on the command line.
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startStrm, strm } from "../kit/cli.ts";
import { emptyFolder, linesOf, writeFiles } from "../kit/folder.ts";

const program = (options: string, more = "") => `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  email: string?   @pii(1)
  consents: int[]? @consent
${more}}
source people of person from file { path = "in.jsonl"${options} }
encrypt people into safe
sink safe into file { path = "safe.jsonl" }
`;
const event = (session: string, more = "") => `{"session":"${session}","email":null${more},"consents":[0]}\n`;
const noted = (session: string) => event(session, ',"note":"n"');

function folderWith(options: string, ...events: readonly string[]): { folder: string; file: string } {
  const folder = emptyFolder();
  writeFiles(folder, { "people.strm": program(options), "in.jsonl": events.join("") });
  return { folder, file: join(folder, "people.strm") };
}

const eventsIn = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("flags", () => {
  test.each([
    ["--workers", "0", "from 1 to 64"],
    ["--workers", "65", "from 1 to 64"],
    ["--workers", "two", "from 1 to 64"],
    ["--checkpoint-every", "5", "from 100ms to 1h"],
    ["--checkpoint-every", "99ms", "from 100ms to 1h"],
    ["--checkpoint-every", "61m", "from 100ms to 1h"],
  ])("%s %s is refused before anything is run", async (flag, value, bounds) => {
    const { folder, file } = folderWith("", event("s-1"));
    const { code, stderr } = await strm(["run", file, flag, value]);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^error: .*'${value}' is invalid\\. .*${bounds}.*\n  help: `));
    expect(existsSync(join(folder, ".strm"))).toBe(false);
  });

  test("--output tui is refused where there is no terminal, before anything is run", async () => {
    const { folder, file } = folderWith("", event("s-1"));
    const { code, stderr } = await strm(["run", file, "--output", "tui"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: The run can't be shown on the whole terminal: .*\n {2}help: /);
    expect(existsSync(join(folder, ".strm"))).toBe(false);
  });

  test("--workers and --checkpoint-every reach the run", async () => {
    const { file } = folderWith(", follow = true", event("s-1"));
    const flags = ["--workers", "2", "--checkpoint-every", "100ms", "--output", "json"];
    const running = startStrm(["run", file, ...flags]);
    await running.until(/"type":"checkpoint"/);
    running.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    const events = eventsIn(stdout);
    expect(events[0]).toMatchObject({ type: "started", workers: 2, replays: false, continues: null });
    expect(events.at(-1)).toMatchObject({ type: "finished", outcome: "stopped" });
    // Without the flag, the first one comes after five seconds.
    const first = events.find(({ type }) => type === "checkpoint");
    expect(Date.parse(first.time) - Date.parse(events[0].time)).toBeLessThan(4000);
  });
});

test("progress tells for what the work waited, what is unread, and what people consented to", async () => {
  const { file } = folderWith("", event("s-1"), event("s-2"), noted("s-3"));
  const { stdout } = await strm(["run", file, "--output", "json"]);
  const last = eventsIn(stdout).findLast(({ type }) => type === "progress");
  expect(last.waits.map(({ on }: { on: string }) => on)).toEqual(
    expect.arrayContaining(["people", "kernels", "keys", "safe->file", "quarantine"]),
  );
  for (const { waited_ms } of last.waits) expect(waited_ms).toBeGreaterThanOrEqual(0);
  expect(last.behind).toEqual([{ source: "people", count: 0, unit: "bytes" }]);
  expect(last.consents).toEqual([{ source: "people", levels: [0], events: 2 }]);
});

test("a stopped run says how to go on, goes on where it stopped, and starts over when told to", async () => {
  const { folder, file } = folderWith(", follow = true", event("s-1"), event("s-2"));
  const flags = ["--checkpoint-every", "100ms"];
  const runUntil = async (events: number, ...more: readonly string[]) => {
    const running = startStrm(["run", file, ...flags, "--output", "json", ...more]);
    await running.until(new RegExp(`"name":"people","kind":"source","in":${events},`));
    running.kill("SIGINT");
    return eventsIn((await running.ended).stdout);
  };
  const first = startStrm(["run", file, ...flags]);
  await first.until(/people started; /);
  first.kill("SIGINT");
  const { code, stderr } = await first.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/To go on: strm run .*people\.strm goes on where it stopped\.\n$/);

  appendFileSync(join(folder, "in.jsonl"), event("s-3"));
  const second = await runUntil(3);
  expect(second[0].continues).toMatchObject({ checkpoint: expect.any(Number), made: expect.any(String) });
  expect(linesOf(folder, "safe.jsonl").length).toBe(3);
  const third = await runUntil(3, "--from-start");
  expect(third[0].continues).toBeNull();
  expect(linesOf(folder, "safe.jsonl").length).toBe(3);
});

describe("replay", () => {
  test("takes rejected events again once their cause is put right, each once", async () => {
    const { folder, file } = folderWith("", event("s-1"), noted("s-2"), noted("s-3"));
    const ran = await strm(["run", file]);
    expect(ran.code).toBe(5);
    expect(ran.stderr).toContain("Quarantine: 2 rejected events");
    writeFiles(folder, { "people.strm": program("", "  note: string?\n") });
    const replayed = await strm(["rejected", "replay", file]);
    expect(replayed.stderr).toContain("people completed: 2 rejected events replayed in ");
    expect(replayed.code).toBe(0);
    expect(linesOf(folder, "safe.jsonl").length).toBe(3);
    const again = await strm(["rejected", "replay", file]);
    expect(again.stderr).toContain("people completed: 0 rejected events replayed in ");
    expect(linesOf(folder, "safe.jsonl").length).toBe(3);
    expect((await strm(["rejected", "list", file])).stdout).toContain("All of them were replayed.");
  });

  test("a run that left nothing is told so, with those that did", async () => {
    const { file } = folderWith("", noted("s-1"));
    const none = await strm(["rejected", "replay", file]);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/error\[run\.nothing-to-replay\]: .* has not run on this state folder yet/);
    await strm(["run", file]);
    const [{ run }] = JSON.parse((await strm(["rejected", "list", file, "--json"])).stdout).rejected;
    const wrong = await strm(["rejected", "replay", file, "--run", "20260102T030405Z-aaaaaa"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(
      /error\[run\.nothing-to-replay\]: The run 20260102T030405Z-aaaaaa has left no/,
    );
    expect(wrong.stderr).toContain(run);
    expect((await strm(["rejected", "replay", file, "--run", run])).code).toBe(5);
  });
});
