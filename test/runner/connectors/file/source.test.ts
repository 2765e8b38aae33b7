// Files are read whole, by pattern, and as they grow.
import { appendFileSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Chunk } from "../../../../runner/connectors/connector.ts";
import { expandPattern } from "../../../../runner/connectors/file/glob.ts";
import { openFileSource } from "../../../../runner/connectors/file/source.ts";
import { StrmFailure } from "../../../../runner/failure.ts";
import { sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";
import { seeded } from "../../../kit/random.ts";

async function codeOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StrmFailure)) throw new Error("no failure", { cause: error });
  expect(error.help).not.toBe("");
  return error.code;
}

describe("the file source", () => {
  sourceConformance(
    async () => {
      const folder = emptyFolder();
      const random = seeded(3);
      const sizes = { "b.jsonl": 3_500_000, "a.jsonl": 1_048_576, "c.jsonl": 0, "d.jsonl": 5 };
      const files = Object.entries(sizes).map(([name, size]): [string, Uint8Array] => [
        name,
        Uint8Array.from({ length: size }, () => random.below(256)),
      ]);
      writeFiles(folder, Object.fromEntries(files));
      const sorted = files.toSorted(([a], [b]) => (a < b ? -1 : 1));
      const source = await openFileSource({ path: "*.jsonl", follow: false }, sourceContext(folder));
      return { source, expected: new Map(sorted) };
    },
    async () => {
      const folder = emptyFolder();
      writeFiles(folder, { "a.jsonl": "{}\n" });
      return openFileSource({ path: "a.jsonl", follow: true }, sourceContext(folder));
    },
  );

  test("fails before reading where a path matches nothing, is a folder, or may not be read", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "sub"));
    const open = (path: string | string[]) => openFileSource({ path, follow: false }, sourceContext(folder));
    expect(await codeOf(open("none.jsonl"))).toBe("file.not-found");
    expect(await codeOf(open("none/*.jsonl"))).toBe("file.not-found");
    expect(await codeOf(open("sub"))).toBe("file.not-a-file");
    writeFiles(folder, { "a.jsonl": "" });
    expect(await codeOf(open(["a.jsonl", "b-*.jsonl"]))).toBe("file.not-found");
  });
});

describe("patterns", () => {
  const cases: readonly [string, readonly string[]][] = [
    ["*.jsonl", ["a.jsonl", "b.jsonl"]],
    ["?.jsonl", ["a.jsonl", "b.jsonl"]],
    ["{b,c}.jsonl", ["b.jsonl"]],
    ["{a,sub/{c,d}}.jsonl", ["a.jsonl", "sub/c.jsonl"]],
    ["**/*.jsonl", ["a.jsonl", "b.jsonl", "sub/c.jsonl", "sub/deep/d.jsonl"]],
    ["sub/**", ["sub/[x].jsonl.txt", "sub/c.jsonl", "sub/deep/d.jsonl"]],
    ["**/deep/*", ["sub/deep/d.jsonl"]],
    ["sub/[x].jsonl.txt", ["sub/[x].jsonl.txt"]],
    ["sub/[*].jsonl.txt", ["sub/[x].jsonl.txt"]],
    [".*.jsonl", [".hidden.jsonl"]],
    ["./sub/../*.jsonl", ["a.jsonl", "b.jsonl"]],
    ["*.csv", []],
  ];
  test.each(cases)("%s", async (pattern, expected) => {
    const folder = emptyFolder();
    const names = [
      "b.jsonl",
      "a.jsonl",
      ".hidden.jsonl",
      "sub/c.jsonl",
      "sub/deep/d.jsonl",
      "sub/[x].jsonl.txt",
    ];
    writeFiles(folder, Object.fromEntries(names.map((name) => [name, ""])));
    symlinkSync("..", join(folder, "sub/round"));
    const absolute = expected.map((name) => join(folder, name));
    expect(await expandPattern(folder, pattern)).toEqual(absolute);
    expect(await expandPattern("/", join(folder, pattern))).toEqual(absolute);
  });
});

/** Follows, collects copies of the chunks, and stops when asked to. */
async function following(folder: string, path: string) {
  const context = sourceContext(folder);
  const source = await openFileSource({ path, follow: true }, context);
  const stop = new AbortController();
  const chunks: Chunk[] = [];
  const reading = (async () => {
    for await (const chunk of source.chunks(stop.signal))
      chunks.push({ ...chunk, bytes: Buffer.from(chunk.bytes) });
  })();
  const text = (origin: string) =>
    Buffer.concat(chunks.filter((chunk) => chunk.origin === origin).map((chunk) => chunk.bytes)).toString();
  const until = async (condition: () => boolean) => {
    for (let waited = 0; !condition(); waited += 20) {
      if (waited > 5000) throw new Error("waited in vain");
      await sleep(20);
    }
  };
  const end = async () => {
    stop.abort();
    await reading;
    await source.close();
  };
  return { chunks, text, until, end, warnings: context.warnings };
}

describe("following", () => {
  test("reads what is appended, new files of the pattern, and ends each origin when stopped", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "a.jsonl": "1\n" });
    const { chunks, text, until, end } = await following(folder, "*.jsonl");
    await until(() => text("a.jsonl") === "1\n");
    appendFileSync(join(folder, "a.jsonl"), "2\n3");
    await until(() => text("a.jsonl") === "1\n2\n3");
    writeFiles(folder, { "b.jsonl": "x\n" });
    await until(() => text("b.jsonl") === "x\n");
    appendFileSync(join(folder, "a.jsonl"), "4\n");
    await until(() => text("a.jsonl") === "1\n2\n34\n");
    expect(chunks.some((chunk) => chunk.last)).toBe(false);
    await end();
    expect(chunks.filter((chunk) => chunk.last).map((chunk) => chunk.origin)).toEqual(["a.jsonl", "b.jsonl"]);
  });

  test("notices truncation and rotation and loses nothing of the old file", async () => {
    const folder = emptyFolder();
    const path = join(folder, "a.jsonl");
    writeFiles(folder, { "a.jsonl": "one\ntwo\n" });
    const { text, until, end, warnings, chunks } = await following(folder, "a.jsonl");
    await until(() => text("a.jsonl").endsWith("two\n"));
    truncateSync(path);
    await until(() => warnings.length === 1);
    appendFileSync(path, "three\n");
    await until(() => text("a.jsonl").endsWith("three\n"));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, "four\n");
    writeFileSync(path, "five\n");
    await until(() => text("a.jsonl").endsWith("five\n"));
    await end();
    expect(text("a.jsonl")).toBe("one\ntwo\nthree\nfour\nfive\n");
    expect(warnings.map((warning) => /truncated|rotated/.exec(warning)?.[0])).toEqual([
      "truncated",
      "rotated",
    ]);
    const starts = chunks.filter((chunk) => chunk.offsetBytes === 0 && chunk.bytes.length > 0);
    expect(starts.map((chunk) => chunk.bytes.toString())).toEqual(["one\ntwo\n", "three\n", "five\n"]);
  });

  test("waits for a file that is not there yet", async () => {
    const folder = emptyFolder();
    const { text, until, end, warnings } = await following(folder, "late.jsonl");
    expect(warnings.length).toBe(1);
    writeFiles(folder, { "late.jsonl": "1\n" });
    await until(() => text("late.jsonl") === "1\n");
    await end();
  });
});
