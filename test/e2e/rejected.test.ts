// `strm rejected list` and `show`: what stands there without the events, and the events only for who asks and has the key.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MasterKeys } from "../../runner/privacy/master-key.ts";
import { strm } from "../kit/cli.ts";
import { emptyFolder, filesBelow, writeFiles } from "../kit/folder.ts";
import { openRun } from "../kit/job-folder.ts";
import { graphOf } from "../kit/run-program.ts";

const program = `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  email: string?   @pii(1)
  consents: int[]? @consent
}
source people of person from file { path = "in.jsonl" }
encrypt people into safe
sink safe into file { path = "out.jsonl" }
`;
const first = "20260102T030405Z-aaaaaa";
const second = "20260103T030405Z-bbbbbb";
const key = { bytes: new Uint8Array(32).fill(7), kid: "k" };
const masterKey = JSON.stringify({ kty: "oct", k: Buffer.from(key.bytes).toString("base64url"), kid: "k" });
const secret = '{"session":"s-1","email":"anna@mail.example"';

/** Two runs: one that came to its end, all of it replayed, and one with three events that wait. */
async function made() {
  const folder = emptyFolder();
  writeFiles(folder, { "people.strm": program });
  const graph = graphOf(folder, "people.strm");
  const state = join(folder, ".strm");
  mkdirSync(state);
  const keys = new MasterKeys([key]);
  const record = async (line: number, code: string, event: string | Uint8Array) => {
    return { step: "people", line, code, event: await keys.sealEvent(Buffer.from(event)) };
  };
  const gone = await openRun(state, {
    graph,
    run: first,
    read: 5,
    records: [await record(1, "event.too-deep", "{")],
    replayed: 1,
  });
  gone.end("completed");
  gone.close();
  const records = [
    await record(2, "event.not-json", secret),
    await record(3, "event.not-json", Uint8Array.of(0xff, 0xfe)),
    await record(4, "event.wrong-type", '{"a":"\u001b[31m"}'),
  ];
  (await openRun(state, { graph, run: second, read: 9, records })).close();
  const rejected = (command: string, ...more: string[]) =>
    strm(["rejected", command, join(folder, "people.strm"), ...more], {
      env: { STRM_MASTER_KEY: masterKey },
    });
  return { folder, state, rejected };
}

const jsonLines = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

describe("list", () => {
  test("counts by run, stream and code, and says how many wait", async () => {
    const { rejected } = await made();
    const { code, stdout } = await rejected("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +stream +code +events +waiting +last at\n/);
    expect(stdout).toMatch(new RegExp(`${first} +people +event\\.too-deep +1 +0 +20`));
    expect(stdout).toMatch(new RegExp(`${second} +people +event\\.not-json +2 +2 +20`));
    expect(stdout).toContain("3 events wait to be replayed.");
    const json = await rejected("list", "--json", "--code", "event.not-json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      rejected: [{ run: second, step: "people", code: "event.not-json", events: 2, waiting: 2 }],
    });
    expect((await rejected("list", "--run", first)).stdout).toContain("All of them were replayed.");
    expect((await rejected("list", "--step", "safe")).stdout).toBe("The quarantine holds no such events.\n");
  });

  test("a pipeline that has not run is told so", async () => {
    const { state } = await made();
    const { code, stderr } = await strm(["rejected", "list", "other.strm", "--state", state]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/The pipeline other has not run on the state folder .*\n {2}help: /);
    const none = await strm(["rejected", "list", "other.strm", "--state", join(state, "none")]);
    expect(none.stderr).toMatch(/error\[run\.state-folder\]: There is no state folder/);
  });

  test("a file that is no quarantine is told so, without a word of what stands in it", async () => {
    const { state, rejected } = await made();
    writeFileSync(join(state, `jobs/people/quarantine/${first}.jsonl`), "anna@mail.example\n");
    const { code, stderr } = await rejected("list");
    expect(code).toBe(2);
    expect(stderr).toMatch(/error\[run\.state-folder\]: Line 1 of the quarantine file .* is no record/);
    expect(stderr).not.toContain("anna");
  });
});

describe("show", () => {
  test("says where and why, and keeps the events sealed", async () => {
    const { folder, rejected } = await made();
    const before = filesBelow(folder);
    const { code, stdout } = await rejected("show", "--code", "event.not-json", "--limit", "1");
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim())).toEqual([
      `${second}:1  event.not-json`,
      "stream  people",
      "from    in.jsonl:2, byte 20",
      "reason  It is event.not-json.",
      "field   email",
      "",
      "",
    ]);
    const all = await rejected("show", "--json");
    expect(jsonLines(all.stdout).map(({ run, number, replayed }) => [run, number, replayed])).toEqual([
      [first, 1, true],
      [second, 1, false],
      [second, 2, false],
      [second, 3, false],
    ]);
    for (const text of [stdout, all.stdout]) expect(text).not.toMatch(/anna|sealed|eyJ/);
    expect(filesBelow(folder)).toEqual(before);
  });

  test("says that there are more than its limit", async () => {
    const { rejected } = await made();
    expect((await rejected("show", "--limit", "3")).stderr).toBe(
      "There are more than 3: --limit N shows more of them.\n",
    );
    expect((await rejected("show", "--limit", "4")).stderr).toBe("");
    expect((await rejected("show", "--limit", "0")).code).toBe(2);
  });

  test("opens events when it is asked to: one by name, or all that pass the filter", async () => {
    const { rejected } = await made();
    expect((await rejected("show", `${second}:1`, "--unseal")).stdout).toContain(`  event   ${secret}\n`);
    const { stdout } = await rejected("show", "--run", second, "--unseal", "--json");
    expect(jsonLines(stdout).map(({ event, event_base64 }) => event ?? event_base64)).toEqual([
      secret,
      "//4=",
      '{"a":"\u001b[31m"}',
    ]);
    // A terminal gets no control characters.
    expect((await rejected("show", `${second}:3`, "--unseal")).stdout).not.toContain("\u001b");
  });

  test("opens nothing without the key, with another one, and makes none", async () => {
    const { folder, state } = await made();
    const file = join(folder, "people.strm");
    const without = await strm(["rejected", "show", file, "--unseal"]);
    expect(without).toMatchObject({ code: 2, stdout: "" });
    expect(without.stderr).toMatch(/error\[keys\.bad-master-key\]: There is no master key/);
    expect([...filesBelow(state).keys()].filter((name) => name.includes("master"))).toEqual([]);
    const k = Buffer.alloc(32, 8).toString("base64url");
    writeFileSync(join(state, "master.jwk"), JSON.stringify({ kty: "oct", k, kid: "k" }));
    const wrong = await strm(["rejected", "show", file, `${second}:1`, "--unseal"]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/error\[keys\.wrong-master-key\]: The event does not open/);
    rmSync(join(state, "master.jwk"));
  });

  test("a record that is not there is told so", async () => {
    const { rejected } = await made();
    const missing = await rejected("show", `${second}:9`);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/The quarantine holds no record .*:9\.\n {2}help: /);
    expect((await rejected("show", "nine")).stderr).toMatch(
      /nine names no record\.\n {2}help: Write RUN:NUMBER/,
    );
  });
});
