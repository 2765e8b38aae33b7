// Files appear whole, and go on where a run was stopped or broken off.
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import type { SinkContext } from "../../../../runner/connectors/connector.ts";
import { openFileSink } from "../../../../runner/connectors/file/sink.ts";
import { FRAME_BYTES } from "../../../../runner/connectors/writing/frames.ts";
import { abandon, cutOf, type SinkSubject, sinkConformance } from "../../../conformance/sink.ts";
import { containerIn } from "../../../kit/avro-files.ts";
import { sinkContext } from "../../../kit/contexts.ts";
import { codeOf } from "../../../kit/failures.ts";
import { checkpoint, type FileSinkOptions, FileSinks, writeText } from "../../../kit/file-sinks.ts";
import { folderInMemory, writeFiles } from "../../../kit/folder.ts";

const unpackers = {
  none: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gunzipSync(bytes),
  zstd: (bytes: Buffer) => zstdDecompressSync(bytes),
};

const header = "keyLink,text\n";
const kinds: readonly [string, Partial<FileSinkOptions>, string][] = [
  ["one file", {}, ""],
  ["one file with column names", {}, header],
  ["one file packed by gzip", { compress: "gzip" }, ""],
  ["one file packed by zstd, with column names", { compress: "zstd" }, header],
  ["parts of a size", { max_size: 2000 }, ""],
  ["parts of a size packed by zstd, with column names", { max_size: 2000, compress: "zstd" }, header],
  ["parts of a time", { every: 0 }, header],
  ["parts of a time packed by gzip", { every: 0, compress: "gzip" }, ""],
  ["parts of a size and a time", { max_size: 500_000, every: 3 }, ""],
];

/** A sink's place, and what stands there; `contentOf` unpacks a file. */
function subjectOf(
  options: FileSinkOptions,
  context: Partial<SinkContext>,
  contentOf: (file: Buffer) => Buffer,
): SinkSubject {
  const folder = folderInMemory();
  const place = join(folder, "out/deep");
  const names = () => (existsSync(place) ? readdirSync(place).sort() : []);
  return {
    open: (resume) =>
      openFileSink(options, sinkContext(folder, { ...context, ...(resume !== undefined && { resume }) })),
    visible: () =>
      names()
        .filter((name) => !name.startsWith("."))
        .map((name) => {
          const content = contentOf(readFileSync(join(place, name)));
          return { content, sizeBytes: statSync(join(place, name)).size };
        }),
    hidden: () => names().filter((name) => name.startsWith(".")),
  };
}

const emptyObjectsOf = ({ every, max_size }: Partial<FileSinkOptions>): number =>
  every === undefined && max_size === undefined ? 1 : 0;

describe.each(kinds)("%s", (_, more, begins) => {
  const options: FileSinkOptions = { path: "out/deep/a.jsonl", compress: "none", overwrite: false, ...more };
  sinkConformance(() => subjectOf(options, { header: Buffer.from(begins) }, unpackers[options.compress]), {
    shownBy: "commit",
    exact: true,
    header: begins,
    emptyObjects: emptyObjectsOf(more),
    reports: true,
  });
});

const avroKinds: readonly [string, Partial<FileSinkOptions>][] = [
  ["one Avro file", {}],
  ["one Avro file packed by deflate", { compress: "gzip" }],
  ["Avro parts of a size packed by zstandard", { max_size: 2000, compress: "zstd" }],
  ["Avro parts of a time", { every: 0 }],
];

const avroSchema = { type: "record", name: "Line", fields: [{ name: "text", type: "string" }] };
const codecs = { none: "null", gzip: "deflate", zstd: "zstandard" };

describe.each(avroKinds)("%s", (_, more) => {
  const options: FileSinkOptions = { path: "out/deep/a.avro", compress: "none", overwrite: false, ...more };
  const contentOf = (file: Buffer): Buffer => {
    const { schema, codec, blocks } = containerIn(file);
    expect({ schema, codec }).toEqual({ schema: avroSchema, codec: codecs[options.compress] });
    // Here an event is what a line feed ends.
    for (const { count, data } of blocks) expect(count).toBe(data.toString().split("\n").length - 1);
    return Buffer.concat(blocks.map(({ data }) => data));
  };
  sinkConformance(() => subjectOf(options, { format: "avro", schema: avroSchema }, contentOf), {
    shownBy: "commit",
    exact: true,
    emptyObjects: emptyObjectsOf(more),
    reports: true,
  });
});

const name = "safe.jsonl";
const parts = (...numbers: number[]) => numbers.map((number) => `safe-00000${number}.jsonl`);

describe("a run that goes on", () => {
  test("adds to a copy of the file that was shown, which stays as it is until then", async () => {
    const sinks = new FileSinks();
    const state = await sinks.run(["1\n"]);
    const sink = await sinks.open(state);
    await sink.commit();
    await writeText(sink, "2\n");
    const { state: later } = await checkpoint(sink);
    expect(sinks.files()[name]).toBe("1\n");
    abandon(sink);
    const next = await sinks.open(later);
    await next.commit();
    expect(sinks.files()[name]).toBe("1\n");
    await writeText(next, "3\n");
    expect((await checkpoint(next, true)).committed).toEqual({
      events: 2,
      written: [{ target: sinks.path(name), events: 3, sizeBytes: 6 }],
    });
    await next.close();
    expect(sinks.files()).toEqual({ [name]: "1\n2\n3\n" });
  });

  test("leaves the file that was shown alone where nothing comes", async () => {
    const sinks = new FileSinks();
    const state = await sinks.run(["1\n"]);
    const { ino, mtimeMs } = statSync(sinks.path(name));
    await sinks.run([], state);
    expect(statSync(sinks.path(name))).toMatchObject({ ino, mtimeMs });
    expect(sinks.files()).toEqual({ [name]: "1\n" });
  });

  test.each([
    ["changed", (path: string) => appendFileSync(path, "mine\n")],
    ["removed", (path: string) => rmSync(path)],
  ])("refuses to go on with a file that was %s since it was shown", async (_, change) => {
    const sinks = new FileSinks();
    const state = await sinks.run(["1\n"]);
    const sink = await sinks.open(state);
    await sink.commit();
    change(sinks.path(name));
    const before = sinks.files();
    expect(await codeOf(writeText(sink, "2\n"))).toBe("file.changed");
    await sink.close();
    expect(sinks.files()).toEqual(before);
    expect(await codeOf(sinks.run(["2\n"], state))).toBe("file.changed");
  });

  test.each([
    ["cut short", (path: string) => truncateSync(path, 1)],
    ["removed", (path: string) => rmSync(path)],
  ])("refuses to go on with a hidden file that was %s", async (_, change) => {
    const sinks = new FileSinks();
    const state = await sinks.killed(["1\n"], undefined, false);
    const [hidden = ""] = readdirSync(sinks.place);
    change(sinks.path(hidden));
    expect(await codeOf(sinks.open(state))).toBe("file.changed");
  });

  test("refuses a file that is complete and was changed before it could be shown", async () => {
    const sinks = new FileSinks();
    const state = await sinks.killed(["1\n"]);
    const [hidden = ""] = readdirSync(sinks.place);
    appendFileSync(sinks.path(hidden), "mine\n");
    expect(await codeOf(sinks.run([], state))).toBe("file.changed");
  });

  test("does not miss parts that their reader took away", async () => {
    const sinks = new FileSinks({ max_size: 4 });
    const state = await sinks.run(["1\n", "2\n", "3\n"]);
    for (const part of parts(1, 2)) rmSync(sinks.path(part));
    await sinks.run(["4\n"], state);
    expect(sinks.files()).toEqual({ [parts(3)[0]!]: "4\n" });
  });

  test("removes what runs of its own job left hidden, and nobody else's", async () => {
    const sinks = new FileSinks({ max_size: 4 });
    const state = await sinks.killed(["1\n"], undefined, false);
    const theirs = [
      ".safe-000001.jsonl.ffffffff.strm-part",
      ".safe.jsonl.strm-part",
      ".other-000001.jsonl.a1b2c3d4.strm-part",
    ];
    const ours = [".safe-000007.jsonl.a1b2c3d4.strm-part", ".safe.jsonl.a1b2c3d4.strm-part"];
    const leave = () =>
      writeFiles(sinks.place, Object.fromEntries([...ours, ...theirs].map((each) => [each, "left"])));
    leave();
    await sinks.run(["2\n"], state);
    expect(Object.keys(sinks.files())).toEqual([...theirs, ...parts(1)].sort());
    leave();
    await sinks.run(["2\n"]);
    expect(Object.keys(sinks.files())).toEqual([...theirs, ...parts(1)].sort());
  });
});

describe("a job that starts over", () => {
  test.each([[["3\n"]], [["3\n", "4\n"]], [[]]])(
    "with %j, removes its own old parts that it does not replace",
    async (texts) => {
      const sinks = new FileSinks({ max_size: 2 });
      await sinks.run(["0\n", "0\n", "0\n", "0\n"]);
      await sinks.run(texts);
      expect(Object.values(sinks.files())).toEqual(texts);
    },
  );

  test("leaves strangers' parts, and what was made of its own", async () => {
    const sinks = new FileSinks({ max_size: 2 });
    await sinks.run(["0\n", "0\n", "0\n"]);
    const sink = await sinks.open();
    writeFileSync(sinks.path("safe-000003.jsonl"), "edited\n");
    writeFileSync(sinks.path("safe-000009.jsonl"), "theirs\n");
    await writeText(sink, "1\n");
    await checkpoint(sink, true);
    await sink.close();
    expect(sinks.files()).toEqual({
      "safe-000001.jsonl": "1\n",
      "safe-000003.jsonl": "edited\n",
      "safe-000009.jsonl": "theirs\n",
    });
  });

  test("removes old parts also where the run that began it broke off first", async () => {
    const sinks = new FileSinks({ max_size: 2 });
    await sinks.run(["0\n", "0\n", "0\n"]);
    const state = await sinks.killed(["1\n"]);
    await sinks.run([], state);
    expect(sinks.files()).toEqual({ "safe-000001.jsonl": "1\n" });
  });
});

describe("parts", () => {
  test("are no larger than `max_size`, but for one write that is", async () => {
    const sinks = new FileSinks({ max_size: 10 });
    await sinks.run(["1234\n", "1234\n", "123\n", "12345678901234567890\n", "1\n"]);
    expect(Object.values(sinks.files())).toEqual(["1234\n1234\n", "123\n", "12345678901234567890\n", "1\n"]);
  });

  test("that are due ask for a checkpoint, and go with the first one after", async () => {
    const asked = vi.fn(() => Promise.resolve());
    const sinks = new FileSinks({ every: 60 }, { checkpoint: asked });
    const sink = await sinks.open();
    await sleep(100);
    expect(asked).not.toHaveBeenCalled();
    await writeText(sink, "1\n");
    await checkpoint(sink);
    expect(sinks.files()[parts(1)[0]!]).toBeUndefined();
    await sleep(30);
    await writeText(sink, "2\n");
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    await checkpoint(sink);
    expect(sinks.files()).toEqual({ [parts(1)[0]!]: "1\n2\n" });
    await writeText(sink, "3\n");
    await sink.close();
    await sleep(100);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test("that are due by the timer and not by the clock ask again", async () => {
    const asked = vi.fn(() => Promise.resolve());
    const sinks = new FileSinks({ every: 20 }, { checkpoint: asked });
    const sink = await sinks.open();
    const nowMs = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(nowMs);
    await writeText(sink, "1\n");
    clock.mockReturnValue(nowMs + 19);
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    expect((await checkpoint(sink)).committed.written).toEqual([]);
    clock.mockRestore();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
    expect((await checkpoint(sink)).committed.events).toBe(1);
    await sink.close();
  });

  test("that were due while nobody ran ask at once", async () => {
    const asked = vi.fn(() => Promise.resolve());
    const sinks = new FileSinks({ every: 40 });
    const state = await sinks.killed(["1\n"], undefined, false);
    await sleep(50);
    const next = await sinks.open(state, {}, { checkpoint: asked });
    await next.commit();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    expect((await checkpoint(next)).committed.events).toBe(1);
    await next.close();
  });
});

describe("compressed files", () => {
  test("consist of frames that each stand alone", async () => {
    const sinks = new FileSinks({ compress: "gzip" });
    const sink = await sinks.open();
    const line = `${"x".repeat(99_999)}\n`;
    const frames = 3;
    for (let i = 0; i * line.length < frames * FRAME_BYTES; i++) await writeText(sink, line);
    await checkpoint(sink, true);
    await sink.close();
    const bytes = readFileSync(sinks.path(name));
    const starts = [...bytes.keys()].filter(
      (at) => bytes.readUInt32BE(Math.min(at, bytes.length - 4)) === 0x1f8b0800,
    );
    expect(starts.length).toBe(frames);
    for (const [i, start] of starts.entries()) {
      const frame = gunzipSync(bytes.subarray(start, starts[i + 1]));
      expect(frame.length % line.length).toBe(0);
    }
  });
});

describe("the disk", () => {
  test.runIf(existsSync("/dev/full"))(
    "when it is full, fails the run, and the next one goes on",
    async () => {
      for (const compress of ["none", "zstd"] as const) {
        const sinks = new FileSinks({ max_size: 2, compress });
        const sink = await sinks.open();
        await writeText(sink, "1\n");
        const { state } = await checkpoint(sink);
        // A real full disk needs a mount; what the system answers is the same on this device.
        symlinkSync("/dev/full", sinks.path(".safe-000002.jsonl.a1b2c3d4.strm-part"));
        const failing = async () => {
          await writeText(sink, "2\n");
          await writeText(sink, "3\n");
          await sink.prepare(cutOf(2, false));
        };
        expect(await codeOf(failing())).toBe("file.disk-full");
        await sink.close();
        rmSync(sinks.path(".safe-000002.jsonl.a1b2c3d4.strm-part"), { force: true });
        await sinks.run(["2\n", "3\n"], state);
        expect(Object.keys(sinks.files())).toEqual(parts(1, 2, 3));
      }
    },
  );

  test.runIf(existsSync("/dev/full"))("when it is full for two files at once, fails once", async () => {
    const sinks = new FileSinks({ every: 50, compress: "gzip" });
    const sink = await sinks.open(await sinks.run(["1\n"]));
    await sink.commit();
    for (const part of [2, 3])
      symlinkSync("/dev/full", sinks.path(`.safe-00000${part}.jsonl.a1b2c3d4.strm-part`));
    // It takes longer to pack than the next one does, so that the next one fails first.
    await writeText(sink, `${randomBytes(3_000_000).toString("hex")}\n`);
    await sleep(60);
    expect(await codeOf(sink.prepare(cutOf(2, false)))).toBe("file.disk-full");
    await writeText(sink, "3\n");
    expect(await codeOf(sink.prepare(cutOf(2, false)))).toBe("file.disk-full");
    await sink.close();
  });
});

describe("secret files", () => {
  test("are for their owner's eyes alone, hidden and shown, begun and copied", async () => {
    for (const more of [{}, { max_size: 2 }]) {
      const sinks = new FileSinks(more, { secret: true });
      const modes = () => readdirSync(sinks.place).map((each) => statSync(sinks.path(each)).mode & 0o777);
      const first = await sinks.open();
      await writeText(first, "1\n");
      expect(modes()).toEqual([0o600]);
      const { state } = await checkpoint(first, true);
      await first.close();
      const second = await sinks.open(state);
      await second.commit();
      await writeText(second, "2\n");
      expect(modes()).toEqual([0o600, 0o600]);
      await checkpoint(second, true);
      await second.close();
      expect(modes().every((mode) => mode === 0o600)).toBe(true);
    }
  });

  test("are so also where a run that broke off left one that was not", async () => {
    const sinks = new FileSinks({}, { secret: true });
    const state = await sinks.killed([], undefined, false);
    const [hidden = ""] = readdirSync(sinks.place);
    chmodSync(sinks.path(hidden), 0o644);
    const next = await sinks.open(state);
    expect(statSync(sinks.path(hidden)).mode & 0o777).toBe(0o600);
    await next.close();
  });
});
