// Whole programs in one process: real kernel, real keys, real files.
import { appendFileSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../../../runner/index.ts";
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

  test("stopped within a line over the bound, it falls back to before that line and keeps each piece once", async () => {
    const folder = emptyFolder();
    const long = "x".repeat(300_000);
    writeFiles(folder, {
      "a.strm": program(
        'file { path = "in.jsonl", follow = true, max_event = 64KiB }',
        `${toFile}\nsink people.rejected into file { path = "out/rejected.jsonl" }`,
      ),
      "in.jsonl": `${event("a-1")}\n${long}`,
    });
    const runUntil = async (reached: (events: readonly RunEvent[]) => boolean) => {
      const stop = new AbortController();
      const events: RunEvent[] = [];
      const report = (told: RunEvent): unknown => events.push(told);
      const running = runProgram(folder, "a.strm", { stop: stop.signal, report });
      await vi.waitUntil(() => reached(events), { timeout: 10_000 });
      stop.abort("SIGINT");
      const { finished } = await running;
      expect(finished.outcome).toBe("stopped");
      return finished;
    };
    const read = (count: number, bytes: number) => (events: readonly RunEvent[]) =>
      events.some(
        (told) =>
          told.type === "progress" && told.ledger.steps[0]?.in === count && told.ledger.read_bytes >= bytes,
      );
    await runUntil(read(2, 200_000));
    appendFileSync(join(folder, "in.jsonl"), `yz\n${event("a-2")}\n`);
    const { ledger } = await runUntil(read(3, 300_000));
    expect(ledger).toMatchObject({ balanced: true });
    expect(ledger.steps[0]).toMatchObject({ in: 3, out: 2, rejected: 1 });
    const records = linesOf(folder, "out/rejected.jsonl").map((line) => JSON.parse(line));
    expect(records.map(({ piece }) => piece)).toEqual(records.map((_, i) => i + 1));
    const opener = openerOf(folder);
    const pieces = await Promise.all(records.map((record) => opener.openEvent(record.event)));
    expect(Buffer.concat(pieces).toString()).toBe(`${long}yz`);
    expect(linesOf(folder, "out/safe.jsonl").length).toBe(2);
  });

  test("follows two growing files at once, and leaves a line without its end to the run that goes on", async () => {
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
    let read = 0;
    const report = (event: RunEvent): void => {
      if (event.type === "progress") read = event.ledger.steps[0]?.in ?? 0;
    };
    const running = runProgram(folder, "a.strm", { stop: stop.signal, report });
    const until = (events: number) => vi.waitUntil(() => read === events, { timeout: 10_000 });
    await until(2);
    appendFileSync(join(folder, "in-b.jsonl"), `broken\n${event("b-2")}`);
    await until(3);
    appendFileSync(join(folder, "in-a.jsonl"), `${event("a-2").slice(10)}\n${event("a-3")}\n`);
    await until(5);
    stop.abort("SIGINT");
    const { finished } = await running;
    expect(finished).toMatchObject({ outcome: "stopped", ledger: { balanced: true } });
    expect(finished.ledger.steps[0]).toMatchObject({ in: 5, out: 4, rejected: 1 });
    expect(linesOf(folder, "out/safe.jsonl").length).toBe(4);
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

  test("stopped in the middle of a file, it delivers whole events and takes no cut one for an event", async () => {
    const folder = emptyFolder();
    const lines = Array.from({ length: 60_000 }, (_, i) => event(`s-${i % 50}`, `n-${i}`));
    writeFiles(folder, {
      "a.strm": program('file { path = "in.jsonl" }', toFile),
      "in.jsonl": `${lines.join("\n")}\n`,
    });
    const stop = new AbortController();
    const { finished } = await runProgram(folder, "a.strm", {
      stop: stop.signal,
      // The first key links are made in the first batch.
      report: (each) => {
        if (each.type === "keys") stop.abort("SIGTERM");
      },
    });
    expect(finished).toMatchObject({ outcome: "stopped", quarantine: null, ledger: { balanced: true } });
    const notes = linesOf(folder, "out/safe.jsonl").map((line) => JSON.parse(line).note);
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.length).toBeLessThan(60_000);
    expect(notes).toEqual(notes.map((_, i) => `n-${i}`));
  });

  test("opens a sealed file with the keys of its state folder, and refuses what other keys sealed", async () => {
    const folder = emptyFolder();
    const reading = `${contract}source sealed of sealed person from file { path = "out/safe.jsonl" }
decrypt sealed into contact for granular(1)
sink contact into file { path = "out/contact.jsonl" }
sink sealed.rejected into file { path = "out/refused.jsonl" }
sink contact.rejected into file { path = "out/unopened.jsonl" }
`;
    writeFiles(folder, {
      "a.strm": program('file { path = "in.jsonl" }', toFile),
      "b.strm": reading,
      "in.jsonl": `${event("s-1")}\n${event("s-2")}\n`,
    });
    await runProgram(folder, "a.strm");
    const opened = await runProgram(folder, "b.strm");
    expect(opened.finished).toMatchObject({ outcome: "completed", quarantine: null });
    const emails = linesOf(folder, "out/contact.jsonl").map((line) => JSON.parse(line).email);
    expect(emails).toEqual(["s-1@example.com", "s-2@example.com"]);

    const stranger = await runProgram(folder, "b.strm", { stateDir: join(folder, "other") });
    expect(stranger.finished.outcome).toBe("failed");
    expect(stranger.events.find((each) => each.type === "failed")).toMatchObject({ code: "file.exists" });
    for (const name of ["contact", "refused", "unopened"]) rmSync(join(folder, `out/${name}.jsonl`));
    const refused = await runProgram(folder, "b.strm", { stateDir: join(folder, "other") });
    expect(refused.finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    expect(linesOf(folder, "out/contact.jsonl")).toEqual([]);
    const records = [...linesOf(folder, "out/refused.jsonl"), ...linesOf(folder, "out/unopened.jsonl")];
    expect(records.length).toBe(2);
  });

  test("removes keys that `retain` no longer holds when a run starts", async () => {
    const folder = emptyFolder();
    const timed = contract.replace("note: string?", "note: string?\n  at: long  @time");
    writeFiles(folder, {
      "a.strm": `${timed}keys vault in sqlite { retain = 1h }
source people of person from file { path = "in.jsonl" }
encrypt people into safe { rotate = 1h }
${toFile}
`,
      "in.jsonl": `${JSON.stringify({ session: "s", email: null, at: 1_000_000, consents: [] })}\n`,
    });
    const keyLink = () => JSON.parse(linesOf(folder, "out/safe.jsonl")[0] ?? "").strmMeta.keyLink;
    await runProgram(folder, "a.strm");
    const first = keyLink();
    await runProgram(folder, "a.strm");
    expect(keyLink()).not.toBe(first);
  });
});
