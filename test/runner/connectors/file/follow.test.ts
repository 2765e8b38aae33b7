// Files that grow are followed through rotation, truncation and renames, while a run is on and while none is.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openFileSource } from "../../../../runner/connectors/file/source.ts";
import { sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { folderInMemory, writeFiles } from "../../../kit/folder.ts";
import { Follower, LOOK_MS, Log } from "../../../kit/followed.ts";
import { seeded } from "../../../kit/random.ts";
import { linesIn } from "../../../kit/taken.ts";

describe("following", () => {
  sourceConformance(
    async () => {
      const folder = folderInMemory();
      const lines = (name: string, count: number) =>
        Array.from({ length: count }, (_, i) => `${name} ${i} ${"x".repeat(i % 700)}\n`).join("");
      const files = {
        "a.jsonl": lines("a", 3000),
        "b.jsonl": `${lines("b", 10)}${"y".repeat(700_000)}\n`,
        "c.jsonl": "",
      };
      writeFiles(folder, { ...files, "b.jsonl": `${files["b.jsonl"]}cut` });
      return {
        open: (resume, buffers) =>
          openFileSource(
            { path: "*.jsonl", follow: true },
            sourceContext(folder, { resume, buffers, maxEventBytes: 300_000 }),
          ),
        expected: Object.entries(files).flatMap(([name, text]) => linesIn(name, Buffer.from(text))),
      };
    },
    {
      resumes: true,
      endless: true,
      waiting: async () => {
        const folder = folderInMemory();
        writeFiles(folder, { "a.jsonl": "1\n2\n3" });
        return {
          source: await openFileSource({ path: "a.jsonl", follow: true }, sourceContext(folder)),
          texts: ["1", "2"],
        };
      },
    },
  );
});

type Change = readonly [string, (log: Log) => void];

/** What may come to pass between two runs; all of it is to be read in the end, in its order. */
const changes: readonly Change[] = [
  ["grew", (log) => log.write(2)],
  ["grew by parts of lines", (log) => log.write().writePart()],
  ["was rotated, and nothing has its name yet", (log) => log.write().rotate(false)],
  ["was rotated, and the new one is empty yet", (log) => log.write().rotate()],
  ["was rotated", (log) => log.write().rotate().write(2)],
  ["was rotated at the very place", (log) => log.rotate().write()],
  ["was rotated within a line", (log) => log.writePart().write().rotate().write()],
  ["was rotated twice", (log) => log.write().rotate().write().rotate().write()],
  [
    "was rotated five times",
    (log) => {
      for (let i = 0; i < 5; i++) log.write().rotate().write();
    },
  ],
  ["was rotated and packed", (log) => log.write().rotate().write().pack(".1")],
  ["was rotated and packed by zstd", (log) => log.write().rotate().write().pack(".1", "zst")],
  ["was rotated twice and packed once", (log) => log.write().rotate().write().rotate().pack(".2").write()],
  [
    "was rotated thrice and packed twice",
    (log) => {
      log.write().rotate().write().rotate().write().rotate().pack(".3").pack(".2", "zst").write();
    },
  ],
];

/** What takes more than its inode to see: patterns don't cover copies. */
const copies: readonly Change[] = [
  ["was copied and truncated", (log) => log.write().copyAndTruncate().write()],
  ["was copied and truncated, and grew larger than it was", (log) => log.write().copyAndTruncate().write(20)],
  [
    "was copied and truncated twice",
    (log) => log.write().copyAndTruncate().write().copyAndTruncate().write(),
  ],
  ["was copied, packed and truncated", (log) => log.write().copyAndTruncate().write().pack(".1")],
  [
    "was rotated into names of days",
    (log) => {
      log.write();
      renameSync(log.path(), log.path("-20260130"));
      log.write();
      renameSync(log.path(), log.path("-20260131"));
      log.write();
    },
  ],
  [
    "was renamed to anything, and written anew",
    (log) => {
      log.write();
      renameSync(log.path(), log.path(".old"));
      log.write();
    },
  ],
];

describe("a file that, while no run was on,", () => {
  test.each([...changes, ...copies])("%s: by its path", async (_, change) => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    for (let round = 0; round < 2; round++) {
      change(log);
      await follower.run(log.written.length);
      expect(follower.texts).toEqual(log.written);
    }
    expect(new Set(follower.lines.map(({ origin }) => origin))).toEqual(new Set([log.name]));
  });

  test.each(changes)("%s: by a pattern that covers its old names", async (_, change) => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, "*");
    await follower.run(5);
    for (let round = 0; round < 2; round++) {
      change(log);
      await follower.run(log.written.length);
      expect(follower.texts.toSorted()).toEqual(log.written.toSorted());
    }
  });

  test("was truncated, is read from its start, with a warning", async () => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    truncateSync(log.path());
    log.write(2);
    await follower.run(7);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings.join()).toContain("truncated");
    expect(follower.lines.slice(5).map(({ line, offsetBytes }) => [line, offsetBytes])).toEqual([
      [1, 0],
      [2, 7],
    ]);
  });

  test("was replaced, is read from its start, with a warning", async () => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    writeFileSync(log.path(".new"), "");
    rmSync(log.path());
    renameSync(log.path(".new"), log.path());
    log.write(2);
    await follower.run(7);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings.join()).toContain("replaced");
  });

  test("was empty, and is another now, is not taken for any of its neighbours", async () => {
    const log = new Log();
    writeFiles(log.folder, { [log.name]: "" });
    const follower = new Follower(log.folder, log.name);
    await follower.run(0);
    rmSync(log.path());
    writeFiles(log.folder, { "a.jsonl.bak": "other\n", "a.jsonl.1": "other\n" });
    log.write();
    await follower.run(1);
    expect(follower.texts).toEqual(log.written);
  });

  test("was empty, may begin with a byte order mark", async () => {
    const log = new Log();
    writeFiles(log.folder, { [log.name]: "" });
    const follower = new Follower(log.folder, log.name);
    await follower.run(0);
    writeFileSync(log.path(), "\ufeffa\n");
    await follower.run(1);
    expect(follower.texts).toEqual(["a"]);
  });

  test("was put back as it was, goes on", async () => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    const bytes = Buffer.from(log.written.map((line) => `${line}\n`).join(""));
    rmSync(log.path());
    writeFileSync(log.path(), bytes);
    log.write();
    await follower.run(6);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings).toEqual([]);
  });

  test("was deleted, and comes again later", async () => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    rmSync(log.path());
    const run = follower.start();
    await sleep(20);
    log.write(2);
    await run.until(() => follower.lines.length >= 7);
    await run.stop();
    expect(follower.texts).toEqual(log.written);
  });

  test("was packed and deleted, and another file got its inode", async () => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    log.write();
    writeFileSync(log.path(".1.gz"), gzipSync(Buffer.from(log.written.map((line) => `${line}\n`).join(""))));
    truncateSync(log.path());
    log.write(9);
    await follower.run(log.written.length);
    expect(follower.texts).toEqual(log.written);
  });

  test("has neighbours with like names that are none of its business", async () => {
    const log = new Log().write(5);
    const follower = new Follower(log.folder, log.name);
    await follower.run(5);
    writeFiles(log.folder, {
      "a.jsonl.lock": "lock\n",
      "a.jsonl.0": "",
      "a.jsonl.bak": "line 0\nline x\n",
      "a.jsonl.broken.gz": gzipSync("line 0\n").subarray(0, 15),
      "a.jsonl2": "other\n",
    });
    mkdirSync(log.path(".9"));
    log.write();
    renameSync(log.path(), log.path(".2"));
    log.write();
    await follower.run(7);
    expect(follower.texts).toEqual(log.written);
    // Then by its content alone.
    log.write().pack("");
    renameSync(log.path(".gz"), log.path(".old.gz"));
    rmSync(log.path(".2"));
    log.write();
    await follower.run(9);
    expect(follower.texts).toEqual(log.written);
  });
});

describe("files of a pattern that, while no run was on,", () => {
  test("were renamed under it, go on; those that came are read from their start", async () => {
    const folder = folderInMemory();
    const follower = new Follower(folder, "*.jsonl");
    writeFiles(folder, { "a.jsonl": "a1\n", "b.jsonl": "b1\n" });
    await follower.run(2);
    renameSync(join(folder, "b.jsonl"), join(folder, "c.jsonl"));
    appendFileSync(join(folder, "c.jsonl"), "b2\n");
    writeFiles(folder, { "b.jsonl": "new b\n", "d.jsonl": "d1\n" });
    await follower.run(5);
    expect(follower.texts.toSorted()).toEqual(["a1", "b1", "b2", "d1", "new b"]);
    await follower.run(5);
    expect(follower.texts.length).toBe(5);
  });

  test("were deleted, leave their inodes to others", async () => {
    const folder = folderInMemory();
    const follower = new Follower(folder, "*.jsonl");
    writeFiles(folder, { "a.jsonl": "a1\na2\n" });
    await follower.run(2);
    renameSync(join(folder, "a.jsonl"), join(folder, "b.jsonl"));
    writeFileSync(join(folder, "b.jsonl"), "b1\nb2\nb3\n");
    await follower.run(5);
    expect(follower.texts).toEqual(["a1", "a2", "b1", "b2", "b3"]);
  });

  test("swapped their names", async () => {
    const folder = folderInMemory();
    const follower = new Follower(folder, "*.jsonl");
    writeFiles(folder, { "a.jsonl": "a1\n", "b.jsonl": "b1\n" });
    await follower.run(2);
    const [a, b, c] = ["a.jsonl", "b.jsonl", "c"].map((name) => join(folder, name));
    renameSync(a!, c!);
    renameSync(b!, a!);
    renameSync(c!, b!);
    appendFileSync(a!, "b2\n");
    appendFileSync(b!, "a2\n");
    await follower.run(4);
    expect(follower.texts.toSorted()).toEqual(["a1", "a2", "b1", "b2"]);
  });
});

describe("while a run is on,", () => {
  test("what is appended comes line by line, and new files of the pattern do", async () => {
    const folder = folderInMemory();
    writeFiles(folder, { "a.jsonl": "1\n" });
    const follower = new Follower(folder, "*.jsonl");
    const run = follower.start();
    await run.until(() => follower.lines.length === 1);
    appendFileSync(join(folder, "a.jsonl"), "2\n3");
    await run.until(() => follower.lines.length === 2);
    writeFiles(folder, { "b.jsonl": "x\n" });
    await run.until(() => follower.lines.length === 3);
    appendFileSync(join(folder, "a.jsonl"), "4\n");
    await run.until(() => follower.lines.length === 4);
    await run.stop();
    expect(follower.texts).toEqual(["1", "2", "x", "34"]);
    expect(follower.warnings).toEqual([]);
  });

  test("a file that is not there yet is waited for, with a warning", async () => {
    const log = new Log("late.jsonl");
    const context = sourceContext(log.folder);
    await (await openFileSource({ path: log.name, follow: true }, context)).close();
    expect(context.warnings.length).toBe(1);
    const follower = new Follower(log.folder, log.name);
    const run = follower.start();
    await sleep(2 * LOOK_MS);
    log.write();
    await run.until(() => follower.lines.length === 1);
    await run.stop();
    expect(follower.texts).toEqual(log.written);
  });

  /** While a run is on, and then by one that goes on. */
  async function followed(
    path: string | readonly string[],
    steps: readonly ((log: Log) => void | Promise<void>)[],
  ): Promise<{ log: Log; follower: Follower }> {
    const log = new Log().write(3);
    const follower = new Follower(log.folder, path);
    const run = follower.start();
    await run.until(() => follower.lines.length === 3);
    for (const step of steps) {
      await step(log);
      await run.until(() => follower.lines.length >= log.written.length);
    }
    // Time to double what has another name by now.
    await sleep(3 * LOOK_MS);
    expect(follower.lines.length).toBe(log.written.length);
    await run.stop();
    await follower.run(log.written.length);
    return { log, follower };
  }

  test.each([...changes, ...copies])("a file that %s: by its path", async (_, change) => {
    const { log, follower } = await followed("a.jsonl", [change, (log) => void log.write(), change]);
    expect(follower.texts).toEqual(log.written);
  });

  test.each(changes)("a file that %s: by a pattern that covers its old names", async (_, change) => {
    const { log, follower } = await followed("*", [change, (log) => void log.write(), change]);
    expect(follower.texts.toSorted()).toEqual(log.written.toSorted());
  });

  test("a file whose old names are covered in part is read on under each of them", async () => {
    const steps = changes.map(([, change]) => change).filter((_, i) => i < 9);
    const { log, follower } = await followed(["a.jsonl", "a.jsonl.1"], steps);
    expect(follower.texts.toSorted()).toEqual(log.written.toSorted());
  });

  test("an empty one in between that is packed does not hide what came after it", async () => {
    const { log, follower } = await followed("a.jsonl", [
      async (log) => {
        log.write().rotate().rotate();
        await sleep(12 * LOOK_MS);
      },
      (log) => void log.rotate(false).pack(".2").write().rotate().write(),
    ]);
    expect(follower.texts).toEqual(log.written);
  });

  test("the last line of a rotated file needs no line end", async () => {
    const { log, follower } = await followed("a.jsonl", [
      (log) => {
        log.write();
        truncateSync(log.path(), statSync(log.path()).size - 1);
        renameSync(log.path(), log.path(".1"));
        log.write();
      },
    ]);
    expect(follower.texts).toEqual(log.written);
  });

  test("a file that was truncated is read from its start, with a warning", async () => {
    const { log, follower } = await followed("a.jsonl", [
      (log) => truncateSync(log.path()),
      (log) => void log.write(),
    ]);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings.map((warning) => /truncated|rotated/.exec(warning)?.[0])).toEqual(["truncated"]);
  });

  test("a file that was deleted is read to its end, and then the one that was made anew", async () => {
    const { log, follower } = await followed("a.jsonl", [
      (log) => {
        log.write();
        rmSync(log.path());
        log.write();
      },
    ]);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings.join()).toContain("was rotated");
  });

  test("a file that another takes the place of, with the same and more, is read on", async () => {
    const { log, follower } = await followed("a.jsonl", [
      (log) => {
        copyFileSync(log.path(), log.path("new"));
        renameSync(log.path("new"), log.path());
        log.write();
      },
    ]);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings).toEqual([]);
  });

  test("a rotated file is read to its end as long as the new one is empty", async () => {
    const { log, follower } = await followed("a.jsonl", [
      (log) => void log.rotate(),
      async (log) => {
        await sleep(3 * LOOK_MS);
        log.write(1, ".1");
      },
      (log) => void log.write(),
    ]);
    expect(follower.texts).toEqual(log.written);
    expect(follower.warnings.map((warning) => /truncated|rotated/.exec(warning)?.[0])).toEqual(["rotated"]);
  });
});

describe("compressed files", () => {
  test("are read once, and again when they are written anew", async () => {
    const folder = folderInMemory();
    const follower = new Follower(folder, "*");
    writeFiles(folder, { "a.gz": gzipSync("1\n2"), "b.zst": zstdCompressSync("3\n") });
    const run = follower.start();
    await run.until(() => follower.lines.length === 3);
    await sleep(3 * LOOK_MS);
    writeFiles(folder, { "a.gz": gzipSync("4\n5\n") });
    await run.until(() => follower.lines.length === 5);
    await run.stop();
    expect(follower.texts.toSorted()).toEqual(["1", "2", "3", "4", "5"]);
    await follower.run(5);
    expect(follower.lines.length).toBe(5);
  });

  test("are read when they are complete, also those that are written anew", async () => {
    const folder = folderInMemory();
    const follower = new Follower(folder, "*", 60);
    const run = follower.start();
    for (let round = 0; round < 2; round++) {
      const packed = gzipSync(Array.from({ length: 500 }, (_, i) => `${round} ${i}\n`).join(""));
      for (let at = 0; at < packed.length; at += 100) {
        writeFileSync(join(folder, "a.gz"), packed.subarray(0, at + 100));
        await sleep(10);
      }
      await run.until(() => follower.lines.length === 500 * (round + 1));
    }
    await run.stop();
    expect(follower.lines.length).toBe(1000);
  });
});

/** `STRM_HISTORIES=500` is the long run. */
const HISTORIES = Number(process.env.STRM_HISTORIES ?? 2);

describe("over any history of writes, rotations and runs that are stopped or killed,", () => {
  const steps: readonly ((log: Log) => void)[] = [
    (log) => log.write(),
    (log) => log.write(3),
    (log) => log.writePart(),
    (log) => log.rotate(),
    (log) => log.rotate(false),
    (log) => log.write(2).rotate().write(),
    (log) => log.packLast("gz"),
    (log) => log.packLast("zst"),
  ];

  async function history(seed: number, path: string, more: readonly ((log: Log) => void)[] = []) {
    const random = seeded(seed);
    const log = new Log().write();
    const follower = new Follower(log.folder, path);
    await follower.run(1);
    for (let round = 0; round < 12; round++) {
      for (let i = random.below(4); i > 0; i--) random.pick([...steps, ...more])(log);
      const runs = random.below(4);
      if (runs === 0) await follower.run(follower.lines.length);
      else if (runs > 1) await follower.killedAfter(random.below(5));
    }
    log.write();
    await follower.run(log.written.length);
    return { log, follower };
  }

  test("a path gives every line once, in order", async () => {
    for (let seed = 0; seed < HISTORIES; seed++) {
      const { log, follower } = await history(seed, "a.jsonl", [(log) => log.copyAndTruncate()]);
      expect({ seed, texts: follower.texts }).toEqual({ seed, texts: log.written });
    }
  });

  test("a pattern that covers its old names gives every line once", async () => {
    for (let seed = 0; seed < HISTORIES; seed++) {
      const { log, follower } = await history(seed, "*");
      expect({ seed, texts: follower.texts.toSorted() }).toEqual({ seed, texts: log.written.toSorted() });
    }
  });

  test.each(["a.jsonl", "*"])("while runs are on, %s gives every line once", async (path) => {
    for (let seed = 0; seed < HISTORIES; seed++) {
      const random = seeded(seed);
      const log = new Log().write();
      const follower = new Follower(log.folder, path);
      await follower.run(1);
      let run = follower.start();
      for (let round = 0; round < 30; round++) {
        const step = random.below(8);
        if (step < 4) log.write(step);
        else if (step < 6) await log.rotateSlowly();
        else if (step === 6) log.packLast("gz");
        else {
          await run.stop();
          run = follower.start();
        }
        await sleep(random.below(LOOK_MS));
      }
      await run.stop();
      await follower.run(log.written.length);
      const given =
        path === "*" ? [follower.texts.toSorted(), log.written.toSorted()] : [follower.texts, log.written];
      expect({ seed, texts: given[0] }).toEqual({ seed, texts: given[1] });
    }
  });
});
