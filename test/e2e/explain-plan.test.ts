// `strm explain --plan`, as a user asks for it on the command line.
import { describe, expect, test } from "vitest";
import { strm } from "../kit/cli.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";

const quickstart = "pipelines/quickstart.strm";

test("prints what was optimized and what each stream does", async () => {
  const { code, stdout, stderr } = await strm(["explain", "--plan", quickstart]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^quickstart {2}[0-9a-f]{12}\n\nSOURCE events {2}strmprivacy\/example\/1\.3\.0\n/);
  expect(stdout).toMatch(/\n {2}take-plaintext +campaigns takes the plaintext of uniqueIdentifier and /);
  expect(stdout).toMatch(/\n {2}campaigns +decrypts safe, only with consent for levels 1, 3; written\n/);
});

test("prints JSON with all that the text says", async () => {
  const { code, stdout } = await strm(["explain", "--plan", "--json", quickstart]);
  expect(code).toBe(0);
  const { pipeline, sources } = JSON.parse(stdout);
  expect(pipeline).toBe("quickstart");
  expect(sources).toMatchObject([
    { source: "events", read: true, decisions: [{ pass: "take-plaintext" }, { pass: "take-plaintext" }] },
  ]);
  expect(sources[0].streams.map(({ stream }: { stream: string }) => stream)).toEqual([
    "events",
    "safe",
    "recommendations",
    "campaigns",
  ]);
});

test("says so where nothing was optimized", async () => {
  const folder = emptyFolder();
  writeFiles(folder, {
    "plain.strm": `contract person as "acme/person/1.0.0" {
      session: string  @key @pii(0)
      consents: int[]? @consent
    }
    source people of person from file { path = "in.jsonl" }
    encrypt people into safe
    sink safe into file { path = "safe.jsonl" }`,
  });
  const { stdout } = await strm(["explain", "--plan", `${folder}/plain.strm`]);
  expect(stdout).toContain("\nNothing was optimized: ");
});

describe("refuses", () => {
  test.each(["flow.raw-sink", "error[flow.raw-sink]:", "event.not-json"])("the code %s", async (code) => {
    const result = await strm(["explain", "--plan", code]);
    expect([result.code, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toMatch(
      /^error: --plan explains a program, and [a-z.-]+ is a code\.\n {2}help: Give /,
    );
  });

  test("a program with errors, and shows these", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "broken.strm": "sink nothing into stdout\n" });
    const { code, stdout, stderr } = await strm(["explain", "--plan", `${folder}/broken.strm`]);
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/^error\[name\.unknown\]/);
  });
});
