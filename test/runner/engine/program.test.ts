// Whole programs in one process: real kernel, real keys, real files.
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { readMasterKeys } from "../../../runner/privacy/master-key.ts";
import { emptyFolder, linesOf, writeFiles } from "../../kit/folder.ts";
import { runProgram } from "../../kit/run-program.ts";

const contract = `
contract person as "acme/person/1.0.0" {
  session: string    @key @pii(0)
  email: string?     @pii(1)
  note: string?
  consents: int[]?   @consent
}
`;
const program = (source: string, sinks: string) =>
  `${contract}source people of person from ${source}\nencrypt people into safe\n${sinks}\n`;
const toFile = 'sink safe into file { path = "out/safe.jsonl" }';

const event = (session: string, note = "") =>
  JSON.stringify({ session, email: `${session}@example.com`, note, consents: [0, 1] });

const openerOf = (folder: string) => readMasterKeys(readFileSync(join(folder, ".strm/master.jwk"), "utf8"));

describe("a program", () => {
  test("writes keys that are durable, a master key with a warning, and opens refused events again", async () => {
    const folder = emptyFolder();
    const broken = '{"session":"s-1","email":4711}';
    writeFiles(folder, {
      "a.strm": program(
        'file { path = "in.jsonl" }',
        `${toFile}\nsink safe.keys into file { path = "keys.csv" }`,
      ),
      "in.jsonl": `${event("s-1")}\n${broken}\n${event("s-2")}\n`,
    });
    const { events, finished } = await runProgram(folder, "a.strm");
    expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    expect(events.filter((each) => each.type === "warning")).toMatchObject([
      { message: expect.stringMatching(/master key was made/) },
    ]);
    expect(events.filter((each) => each.type === "keys")).toMatchObject([{ step: "safe", created: 2 }]);
    expect(linesOf(folder, "keys.csv").length).toBe(1 + 2 * 2);
    expect(statSync(join(folder, "keys.csv")).mode & 0o777).toBe(0o600);
    const [record] = linesOf(finished.quarantine?.path ?? "").map((line) => JSON.parse(line));
    expect(Buffer.from(await openerOf(folder).openEvent(record.event)).toString()).toBe(broken);

    const again = await runProgram(folder, "a.strm");
    expect(again.finished.outcome).toBe("completed");
    expect(again.events.filter((each) => each.type === "warning" || each.type === "keys")).toEqual([]);
    expect(linesOf(folder, "keys.csv").length).toBe(1 + 2 * 2);
  });

  test("takes a line of 10 MB and a value of 1 MB", async () => {
    const folder = emptyFolder();
    const large = event("s-1", "n".repeat(10_000_000));
    const value = event("v".repeat(1_000_000));
    writeFiles(folder, {
      "a.strm": program('file { path = "in.jsonl" }', toFile),
      "in.jsonl": `${large}\n${value}\n`,
    });
    const { finished } = await runProgram(folder, "a.strm");
    expect(finished).toMatchObject({ outcome: "completed", quarantine: null });
    const [first = "", second = ""] = linesOf(folder, "out/safe.jsonl");
    expect(JSON.parse(first).note).toBe("n".repeat(10_000_000));
    expect(Buffer.from(JSON.parse(second).session, "base64").length).toBe(1_000_000 + 5 + 16);
  });

  test("keeps a line over the bound whole, in sealed pieces", async () => {
    const folder = emptyFolder();
    const long = event("s-1", `${"x".repeat(99_999)}é`.repeat(25));
    writeFiles(folder, {
      "a.strm": program('file { path = "in.jsonl", max_event = 64KiB }', toFile),
      "in.jsonl": `${event("s-0")}\n${long}\n${event("s-2")}\n`,
    });
    const { finished, events } = await runProgram(folder, "a.strm");
    expect(finished).toMatchObject({
      outcome: "completed",
      quarantine: { events: 1 },
      ledger: { balanced: true },
    });
    expect(events.filter((each) => each.type === "rejected")).toMatchObject([
      { code: "event.too-large", events: 1, line: 2 },
    ]);
    const records = linesOf(finished.quarantine?.path ?? "").map((line) => JSON.parse(line));
    expect(records.map((record) => record.piece)).toEqual(records.map((_, i) => i + 1));
    expect(records.map((record) => record.last)).toEqual(records.map((_, i) => i === records.length - 1));
    const opener = openerOf(folder);
    const pieces = await Promise.all(records.map((record) => opener.openEvent(record.event)));
    expect(pieces.every((piece) => piece.length <= 65_536)).toBe(true);
    expect(Buffer.concat(pieces).toString()).toBe(long);
    expect(linesOf(folder, "out/safe.jsonl").length).toBe(2);
  });

  test("follows two growing files at once, and takes the last line of each when it is stopped", async () => {
    const folder = emptyFolder();
    writeFiles(folder, {
      "a.strm": program(
        'file { path = "in-*.jsonl", follow = true }',
        `${toFile}\nsink people.rejected into file { path = "out/rejected.jsonl" }`,
      ),
      "in-a.jsonl": `${event("a-1")}\n${event("a-2").slice(0, 10)}`,
      "in-b.jsonl": `${event("b-1")}\n`,
    });
    const stop = new AbortController();
    const running = runProgram(folder, "a.strm", { stop: stop.signal });
    await sleep(400);
    appendFileSync(join(folder, "in-b.jsonl"), `broken\n${event("b-2")}`);
    await sleep(300);
    appendFileSync(join(folder, "in-a.jsonl"), `${event("a-2").slice(10)}\n${event("a-3")}\n`);
    await sleep(300);
    stop.abort("SIGINT");
    const { finished } = await running;
    expect(finished).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
    expect(finished.ledger.steps[0]).toMatchObject({ in: 6, out: 5, rejected: 1 });
    expect(linesOf(folder, "out/safe.jsonl").length).toBe(5);
    const [record] = linesOf(folder, "out/rejected.jsonl").map((line) => JSON.parse(line));
    expect(record.position).toEqual({
      origin: "in-b.jsonl",
      line: 2,
      offset_bytes: Buffer.byteLength(event("b-1")) + 1,
    });
  });

  test("runs several sources at once", async () => {
    const folder = emptyFolder();
    const lines = (name: string) =>
      `${Array.from({ length: 5000 }, (_, i) => event(`${name}-${i % 9}`)).join("\n")}\n`;
    const two = (name: string) => `source ${name} of person from file { path = "${name}.jsonl" }
encrypt ${name} into safe_${name}
sink safe_${name} into file { path = "out/${name}.jsonl" }
sink safe_${name}.keys into file { path = "out/${name}.keys.csv" }`;
    writeFiles(folder, {
      "a.strm": `${contract}${two("x")}\n${two("y")}\n`,
      "x.jsonl": lines("s"),
      "y.jsonl": lines("s"),
    });
    const { finished } = await runProgram(folder, "a.strm");
    expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    // Equal values of one contract share their links, whichever source they came from; each export has all of them.
    const keyLinks = (name: string) =>
      new Set(linesOf(folder, `out/${name}.jsonl`).map((line) => JSON.parse(line).strmMeta.keyLink));
    expect(keyLinks("x").size).toBe(9);
    expect(keyLinks("y")).toEqual(keyLinks("x"));
    expect(linesOf(folder, "out/x.keys.csv").toSorted()).toEqual(
      linesOf(folder, "out/y.keys.csv").toSorted(),
    );
  });
});
