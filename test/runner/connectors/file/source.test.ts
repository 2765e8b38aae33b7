// Files are read whole, by pattern, unpacked where they are compressed, and on from where the last run left them.
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Positions } from "../../../../runner/connectors/delivery.ts";
import { openFileSource } from "../../../../runner/connectors/file/source.ts";
import { type SourceSubject, sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { codeOf } from "../../../kit/failures.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";
import { seeded } from "../../../kit/random.ts";
import { linesIn, Taken } from "../../../kit/taken.ts";

type Pack = (bytes: Uint8Array) => Uint8Array;

const MAX_EVENT_BYTES = 300_000;

/** Bytes of all values, lines over the bound, an empty file, and one whose last line has no end. */
function someFiles(): Readonly<Record<string, Buffer>> {
  const random = seeded(3);
  const bytes = (size: number) => Buffer.from(Array.from({ length: size }, () => random.below(256)));
  const long = Buffer.from(`${"y".repeat(700_000)}\nafter\n${"z".repeat(650_000)}`);
  return {
    "b.jsonl": bytes(900_000),
    "a.jsonl": bytes(524_288),
    "c.jsonl": Buffer.alloc(0),
    "d.jsonl": long,
  };
}

const files = someFiles();

/** In members that stand alone, as `cat` makes them of several archives. */
function inMembers(pack: Pack): Pack {
  return (bytes) => {
    const cuts = [0, 1, Math.floor(bytes.length / 3), bytes.length];
    return Buffer.concat(cuts.slice(1).map((end, i) => pack(bytes.subarray(cuts[i], end))));
  };
}

const subjectOf = (pack: Pack) => async (): Promise<SourceSubject> => {
  const folder = emptyFolder();
  const packed = Object.entries(files).map(([name, bytes]) => [name, pack(bytes)] as const);
  writeFiles(folder, Object.fromEntries(packed));
  return {
    open: (resume, buffers) =>
      openFileSource(
        { path: "*.jsonl", follow: false },
        sourceContext(folder, { resume, buffers, maxEventBytes: MAX_EVENT_BYTES }),
      ),
    expected: Object.entries(files).flatMap(([name, bytes]) => linesIn(name, bytes)),
  };
};

/** To the end, from the positions. */
async function read(
  folder: string,
  path: string | readonly string[],
  resume: Positions = new Map(),
): Promise<Taken> {
  const taken = new Taken();
  const source = await openFileSource({ path, follow: false }, sourceContext(folder, { resume }));
  try {
    for await (const item of source.items(new AbortController().signal)) taken.take(item);
  } finally {
    await source.close();
  }
  return taken;
}

describe("the file source", () => {
  describe("of plain files", () =>
    sourceConformance(
      subjectOf((bytes) => bytes),
      { resumes: true },
    ));
  describe("of gzip", () => sourceConformance(subjectOf(inMembers(gzipSync)), { resumes: true }));
  describe("of zstd", () => sourceConformance(subjectOf(inMembers(zstdCompressSync)), { resumes: true }));

  test("reads the files of a list in its order, those of a pattern by name, and each once", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "b.jsonl": "b\n", "a.jsonl": "a\n", "z.jsonl": "z\n" });
    const { lines } = await read(folder, ["z.jsonl", "*.jsonl"]);
    expect(lines.map(({ origin }) => origin)).toEqual(["z.jsonl", "a.jsonl", "b.jsonl"]);
  });

  test("names files outside of the folder by their whole path", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "a.jsonl": "a\n", "sub/.keep": "" });
    const { lines } = await read(join(folder, "sub"), "../a.jsonl");
    expect(lines.map(({ origin }) => origin)).toEqual([join(folder, "a.jsonl")]);
  });

  test("fails before reading where a path matches nothing, is a folder, or may not be read", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "sub"));
    const open = (path: string | string[]) => openFileSource({ path, follow: false }, sourceContext(folder));
    expect(await codeOf(open("none.jsonl"))).toBe("file.not-found");
    expect(await codeOf(open("none/*.jsonl"))).toBe("file.not-found");
    expect(await codeOf(open("sub"))).toBe("file.not-a-file");
    writeFiles(folder, { "a.jsonl": "" });
    expect(await codeOf(open(["a.jsonl", "b-*.jsonl"]))).toBe("file.not-found");
    expect(await codeOf(open("/dev/null"))).toBe("file.not-a-file");
  });
});

test.each([
  ["cut short", (path: string) => truncateSync(path, 10)],
  ["written anew", (path: string) => writeFileSync(path, "x".repeat(4_000_000))],
])("a file that is %s while it is read is refused, and not taken for read", async (_, change) => {
  const folder = emptyFolder();
  writeFiles(folder, { "in.jsonl": `${"y".repeat(99)}\n`.repeat(30_000) });
  const source = await openFileSource({ path: "in.jsonl", follow: false }, sourceContext(folder));
  const reading = (async () => {
    let items = 0;
    for await (const _ of source.items(new AbortController().signal)) {
      if (++items === 1) change(join(folder, "in.jsonl"));
    }
  })();
  expect(await codeOf(reading)).toBe("file.changed");
  await source.close();
});

describe("a run that goes on", () => {
  const text = "a\nb\nc\n";

  async function readThen(change: (path: string) => void, more: { text?: string; pack?: Pack } = {}) {
    const { text: before = text, pack = (bytes) => bytes } = more;
    const folder = emptyFolder();
    writeFiles(folder, { "in.jsonl": pack(Buffer.from(before)) });
    const { positions } = await read(folder, "in.jsonl");
    change(join(folder, "in.jsonl"));
    return read(folder, "in.jsonl", positions);
  }

  test("reads what was added since", async () => {
    expect((await readThen(() => {})).lines).toEqual([]);
    const { lines } = await readThen((path) => appendFileSync(path, "d\ne"));
    const place = { origin: "in.jsonl" };
    expect(lines).toEqual([
      { ...place, line: 4, offsetBytes: 6, text: "d" },
      { ...place, line: 5, offsetBytes: 8, text: "e" },
    ]);
  });

  test("takes a file that was put back, moved or packed for the same", async () => {
    const putBack = (path: string) => {
      const bytes = readFileSync(path);
      rmSync(path);
      writeFileSync(path, Buffer.concat([bytes, Buffer.from("d\n")]));
    };
    expect((await readThen(putBack)).texts).toEqual(["d"]);
    const packed = (path: string) =>
      writeFileSync(path, gzipSync(Buffer.concat([readFileSync(path), Buffer.from("d\n")])));
    expect((await readThen(packed)).texts).toEqual(["d"]);
  });

  test("reads files that have come since, wherever their names stand", async () => {
    const folder = emptyFolder();
    writeFiles(folder, { "b.jsonl": "b\n" });
    const { positions } = await read(folder, "*.jsonl");
    writeFiles(folder, { "a.jsonl": "a\n", "c.jsonl": "c\n" });
    expect((await read(folder, "*.jsonl", positions)).texts).toEqual(["a", "c"]);
  });

  const long = `${"a".repeat(9999)}\n`.repeat(3);
  const changes: readonly [string, string, (path: string) => void][] = [
    ["was replaced", text, (path) => writeFileSync(path, "x\ny\nz\nd\n")],
    ["was truncated", text, (path) => truncateSync(path, 4)],
    ["was emptied", text, (path) => truncateSync(path)],
    ["begins differently", long, (path) => writeFileSync(path, `x${long.slice(1)}`)],
    ["ends differently", long, (path) => writeFileSync(path, `${long.slice(0, -2)}x\n`)],
    ["was continued in a line without end", "a\nb", (path) => appendFileSync(path, "b\nc\n")],
  ];
  test.each(changes)("refuses a file that %s", async (_, before, change) => {
    expect(await codeOf(readThen(change, { text: before }))).toBe("file.changed");
  });

  test.each(changes.slice(0, -1))("refuses a packed file whose content %s", async (_, before, change) => {
    const packed = (path: string) => {
      writeFileSync(path, before);
      change(path);
      writeFileSync(path, zstdCompressSync(readFileSync(path)));
    };
    const reading = readThen(packed, { text: before, pack: gzipSync });
    expect(await codeOf(reading)).toBe("file.changed");
  });

  test("goes on behind a line that was read without its end", async () => {
    const before = { text: "a\nb" };
    expect((await readThen(() => {}, before)).texts).toEqual([]);
    expect((await readThen((path) => appendFileSync(path, "\n"), before)).texts).toEqual([]);
    expect((await readThen((path) => appendFileSync(path, "\r\nc\n"), before)).texts).toEqual(["c"]);
  });
});

describe("archives", () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `{"i":${i},"r":${(i * 7919) % 104729}}`);
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const packs: readonly [string, Pack][] = [
    ["gzip", (content) => gzipSync(content)],
    ["zstd", (content) => zstdCompressSync(content)],
  ];

  describe.each(packs)("%s", (_, pack) => {
    test("is known by its bytes, whatever its name", async () => {
      const folder = emptyFolder();
      writeFiles(folder, { "in.jsonl": pack(bytes) });
      expect((await read(folder, "in.jsonl")).texts).toEqual(lines);
    });

    test("goes on with a member that was added", async () => {
      const folder = emptyFolder();
      writeFiles(folder, { "in.jsonl": pack(bytes) });
      const { positions } = await read(folder, "in.jsonl");
      appendFileSync(join(folder, "in.jsonl"), pack(Buffer.from("more\n")));
      const rest = await read(folder, "in.jsonl", positions);
      expect(rest.lines).toEqual([
        { origin: "in.jsonl", line: lines.length + 1, offsetBytes: bytes.length, text: "more" },
      ]);
    });

    test.each([-1, -1000, 10_000, 6])("cut at byte %d fails, after what could be read", async (end) => {
      const folder = emptyFolder();
      writeFiles(folder, { "in.jsonl": pack(bytes).subarray(0, end) });
      const taken = new Taken();
      const source = await openFileSource({ path: "in.jsonl", follow: false }, sourceContext(folder));
      const reading = (async () => {
        for await (const item of source.items(new AbortController().signal)) taken.take(item);
      })();
      expect(await codeOf(reading)).toBe("file.corrupt");
      await source.close();
      expect(taken.texts).toEqual(lines.slice(0, taken.lines.length));
    });

    test("cut in its second member, or followed by what is none, fails, too", async () => {
      const folder = emptyFolder();
      const whole = pack(bytes);
      const others = ["{", '{"a":1}\n', "\0".repeat(512)].map((text) => Buffer.from(text));
      for (const second of [whole.subarray(0, 1000), whole.subarray(0, 5), ...others]) {
        writeFiles(folder, { "in.jsonl": Buffer.concat([whole, second]) });
        expect(await codeOf(read(folder, "in.jsonl"))).toBe("file.corrupt");
      }
    });

    test("damaged in its middle fails", async () => {
      const folder = emptyFolder();
      const packed = Buffer.from(pack(bytes));
      packed.fill(0xff, packed.length - 1000, packed.length - 900);
      writeFiles(folder, { "in.jsonl": packed });
      expect(await codeOf(read(folder, "in.jsonl"))).toBe("file.corrupt");
    });

    test("cut before where the last run came to fails", async () => {
      const folder = emptyFolder();
      const packed = pack(bytes);
      writeFiles(folder, { "in.jsonl": packed });
      const { positions } = await read(folder, "in.jsonl");
      writeFiles(folder, { "in.jsonl": packed.subarray(0, 10_000) });
      expect(await codeOf(read(folder, "in.jsonl", positions))).toBe("file.corrupt");
    });
  });

  test("of zstd may begin with frames that hold something else", async () => {
    const folder = emptyFolder();
    const skipped = Buffer.from("502a4d180300000078797a", "hex");
    const frame = zstdCompressSync("a\n");
    writeFiles(folder, { "in.jsonl": Buffer.concat([skipped, frame, skipped, frame, skipped]) });
    expect((await read(folder, "in.jsonl")).texts).toEqual(["a", "a"]);
  });

  test("that holds nothing is an empty file", async () => {
    const folder = emptyFolder();
    for (const [name, pack] of packs) writeFiles(folder, { [name]: pack(Buffer.alloc(0)) });
    expect(
      (
        await read(
          folder,
          packs.map(([name]) => name),
        )
      ).lines,
    ).toEqual([]);
  });
});

test.each([
  ["plain", (bytes: Uint8Array) => bytes],
  ["packed", gzipSync],
])("it knows how much is unread of %s files, and that nothing is left at their end", async (_, pack) => {
  const folder = emptyFolder();
  const random = seeded(5);
  const lines = Buffer.from(Array.from({ length: 60_000 }, () => `{"n":${random.below(1e9)}}\n`).join(""));
  const packed = pack(lines);
  writeFiles(folder, { "a.jsonl": packed, "b.jsonl": packed });
  const source = await openFileSource({ path: "*.jsonl", follow: false }, sourceContext(folder));
  const left: number[] = [];
  for await (const _item of source.items(new AbortController().signal))
    left.push(source.behind?.()?.count ?? -1);
  await source.close();
  expect(left.length).toBeGreaterThan(4);
  expect(left[0]).toBeGreaterThan(packed.length);
  expect(left[0]).toBeLessThan(2 * packed.length);
  expect(left).toEqual(left.toSorted((a, b) => b - a));
  expect(left.at(-1)).toBe(0);
  expect(source.behind?.()).toEqual({ count: 0, unit: "bytes" });
});
