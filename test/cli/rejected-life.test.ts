// A rejected event's life as the commands show it: refused, waiting, replayed after its cause was put right.
import { join } from "node:path";
import { expect, test } from "vitest";
import { parts } from "../../runner/engine/real-parts.ts";
import { runWith } from "../../runner/engine/run.ts";
import type { RunOptions } from "../../runner/engine/run-options.ts";
import type { RunEvent } from "../../runner/index.ts";
import { strm } from "../kit/cli.ts";
import { emptyFolder, linesOf, writeFiles } from "../kit/folder.ts";
import { plainFiles } from "../kit/plain-files.ts";
import { graphOf } from "../kit/run-program.ts";

const program = (more: string) => `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  email: string?   @pii(1)
  consents: int[]? @consent
${more}}
source people of person from file { path = "in.jsonl" }
encrypt people into safe
sink safe into file { path = "safe.jsonl" }
`;
const event = (session: string, more = "") => `{"session":"${session}","email":null${more},"consents":[0]}\n`;

async function run(folder: string, more: Partial<RunOptions> = {}) {
  const events: RunEvent[] = [];
  const finished = await runWith(parts, [plainFiles], {
    graph: graphOf(folder, "people.strm"),
    baseDir: folder,
    stateDir: join(folder, ".strm"),
    environment: {},
    report: (each) => events.push(each),
    stop: new AbortController().signal,
    workers: 1,
    ...more,
  });
  return { events, finished };
}

test("an event waits until its cause is put right, is replayed once, and the state tells it", async () => {
  const folder = emptyFolder();
  const lines = [
    event("s-1"),
    event("s-2", ',"note":"n"'),
    event("s-3", ',"note":"n","age":1'),
    event("s-4"),
  ];
  writeFiles(folder, { "people.strm": program(""), "in.jsonl": lines.join("") });
  const file = join(folder, "people.strm");
  const listed = async () => JSON.parse((await strm(["rejected", "list", file, "--json"])).stdout).rejected;
  const state = async () => JSON.parse((await strm(["state", file, "--json"])).stdout);

  expect((await run(folder)).finished).toMatchObject({ outcome: "completed", quarantine: { events: 2 } });
  expect(await listed()).toMatchObject([
    { step: "people", code: "event.undeclared-field", events: 2, waiting: 2 },
  ]);
  expect(await state()).toMatchObject({
    jobs: [
      {
        status: "completed",
        positions: [{ partition: "in.jsonl", position: { position: lines.join("").length } }],
        ledger: {
          balanced: true,
          steps: [{ name: "people", in: 4, out: 2, rejected: 2 }, {}, { in: 2, out: 2 }],
        },
        quarantine: [{ events: 2, waiting: 2 }],
      },
    ],
    keys: [
      { store: "sqlite", counts: [{ contract: "acme/person/1.0.0", scheme: "purpose_bound", links: 2 }] },
    ],
  });
  for (const command of [["state"], ["rejected", "list"], ["rejected", "show"]]) {
    const { stdout, stderr } = await strm([...command, file, "--json"]);
    expect(stdout + stderr).not.toMatch(/s-[1-4]/);
  }
  const opened = await strm(["rejected", "show", file, "--unseal", "--json"]);
  expect(opened.stdout.split("\n")[0]).toContain(JSON.stringify(lines[1]?.trimEnd()));

  writeFiles(folder, { "people.strm": program("  note: string?\n") });
  const replayed = await run(folder, { replay: {} });
  expect(replayed.events[0]).toMatchObject({ type: "started", replays: true });
  expect(replayed.finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
  expect(linesOf(folder, "safe.jsonl").length).toBe(3);
  // The one that was refused once more is a new record, and waits.
  const after = await listed();
  expect(after).toMatchObject([{ events: 3, waiting: 1 }]);
  expect((await state()).jobs[0].quarantine).toMatchObject([{ events: 3, waiting: 1 }]);
});

test("a stopped run goes on, and says from which checkpoint", async () => {
  const folder = emptyFolder();
  writeFiles(folder, {
    "people.strm": program(""),
    "in.jsonl": [1, 2, 3].map((n) => event(`s-${n}`)).join(""),
  });
  const stop = new AbortController();
  const report = ({ type }: RunEvent) => type === "started" && stop.abort("SIGINT");
  expect((await run(folder, { stop: stop.signal, report })).finished.outcome).toBe("stopped");
  const text = (await strm(["state", join(folder, "people.strm")])).stdout;
  expect(text).toMatch(/^people {2}stopped; the next run goes on\n/);
  const [, number] = /checkpoint (\d+), made at/.exec(text) ?? [];
  const { events, finished } = await run(folder);
  expect(events[0]).toMatchObject({
    continues: { checkpoint: Number(number), made: expect.stringMatching(/Z$/) },
  });
  expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
  expect(linesOf(folder, "safe.jsonl").length).toBe(3);
  const again = await run(folder, { fromStart: true });
  expect(again.events[0]).toMatchObject({ continues: null });
});
