// Holds that `npm run bench` itself works: one case and one other program, a single round over few events.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { emptyFolder } from "../kit/folder.ts";

const script = fileURLToPath(new URL("./bench.ts", import.meta.url));
const bench = (...args: readonly string[]) => promisify(execFile)(process.execPath, [script, ...args]);
const few = ["--events", "2000", "--rounds", "1"];

test("a case and a peer are measured in the same round and set against each other", async () => {
  const json = join(emptyFolder(), "raw.json");
  const peer = "copy E=cat {in} > {out}.jsonl && cmp {in} {out}.jsonl";
  const { stdout } = await bench(...few, "--case", "E", "--peer", peer, "--json", json);
  expect(stdout).toMatch(/^2,000 events, rounds: 1,/);
  expect(stdout).toMatch(/^E +seal three fields, one output +\d/m);
  expect(stdout).toMatch(/^copy E against strm +copy E +E +\d/m);
  const { figures } = JSON.parse(readFileSync(json, "utf8"));
  expect(figures).toMatchObject([
    { name: "E", round: 1, events: 2000 },
    { name: "copy E", round: 1, events: 2000, input_bytes: figures[0].input_bytes },
  ]);
  expect(figures[0].cpu_ms).toBeGreaterThan(0);
});

test("a program that fails ends the measurement, and says why", async () => {
  const run = bench(...few, "--case", "start-file", "--peer", "broken E=echo no licence >&2; exit 3");
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ended with 3: no licence/),
  });
});

test.each([
  [["--case", "nothing"], /no case is called nothing; there are kernel-E, /],
  [["E"], /Names of cases come after --case/],
  [["--rounds", "0"], /--rounds takes a whole number from 1/],
  [["--peer", "java"], /--peer takes NAME=COMMAND/],
])("%j is refused before anything is run", async (args, message) => {
  await expect(bench(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
});
