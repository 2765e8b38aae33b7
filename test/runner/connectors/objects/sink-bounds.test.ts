// Objects where something is at its bound: very many small ones, times that are no dates, events that can't be told apart, secrets.
import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import type { SinkContext } from "../../../../runner/connectors/connector.ts";
import type { Detail } from "../../../../runner/connectors/delivery.ts";
import { type ObjectSinkOptions, openObjectSink } from "../../../../runner/connectors/objects/sink.ts";
import { TransientFailure } from "../../../../runner/failure.ts";
import { cutOf, finish, stored } from "../../../conformance/sink.ts";
import { sinkContext } from "../../../kit/contexts.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { MemoryObjects } from "../../../kit/memory-objects.ts";

function placeFor(options: Partial<ObjectSinkOptions>, more: Partial<SinkContext> = {}) {
  const folder = emptyFolder();
  const store = new MemoryObjects();
  const all: ObjectSinkOptions = {
    prefix: "",
    max_size: 1 << 20,
    name: "{time}-{stream}---{partitions}-{id}",
    compress: "none",
    overwrite: false,
    ...options,
  };
  return {
    store,
    spool: join(folder, ".strm", "spool", "a1b2c3d4-safe-%3Efile"),
    open: (resume?: Json) =>
      openObjectSink(all, sinkContext(folder, { ...more, ...(resume !== undefined && { resume }) }), store),
  };
}

/** Of events of so many bytes each, from `first` on. */
function detailOf(lengths: readonly number[], first = 0, timeMs = 0): Detail {
  let end = 0;
  return {
    frames: {
      ends: Int32Array.from(lengths, (length) => (end += length)),
      records: Int32Array.from(lengths.keys()),
      timesMs: new Float64Array(lengths.length).fill(timeMs),
      linkEnds: new Int32Array(lengths.length),
      links: new Uint8Array(0),
    },
    from: { origin: "visits.jsonl", firstLine: 1 + first, readTimeMs: 0 },
  };
}

/** Lines of two bytes. */
const digits = (count: number) => ({
  bytes: Buffer.from("1\n".repeat(count)),
  detail: detailOf(new Array(count).fill(2)),
});

/** Files below the folder that this process has open. */
function openFilesIn(folder: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;
}

const onLinux = process.platform === "linux";

describe("many small objects", () => {
  test.runIf(onLinux)("hold few files open, and ask for one checkpoint", async () => {
    let asked = 0;
    const checkpoint = () => {
      asked++;
      return Promise.resolve();
    };
    const { open, spool, store } = placeFor({ max_events: 1 }, { checkpoint });
    const sink = await open();
    const { bytes, detail } = digits(500);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, openFilesIn(spool));
    }, 1);
    await sink.write(bytes, 500, detail);
    clearInterval(watch);
    expect(Math.max(most, openFilesIn(spool))).toBeLessThanOrEqual(70);
    expect(asked).toBe(1);
    await finish(sink);
    expect(store.objects.size).toBe(500);
    expect(new Set([...store.objects.values()].map(({ bytes: each }) => each.toString()))).toEqual(
      new Set(["1\n"]),
    );
  });

  test("wait for the bucket when they are very many", async () => {
    const { open, store } = placeFor({ max_events: 1 });
    const answers = Promise.withResolvers<void>();
    store.trouble = () => answers.promise;
    const sink = await open();
    const { bytes, detail } = digits(1002);
    await sink.write(bytes, 1002, detail);
    await sink.prepare(cutOf(1, false));
    await sink.commit();
    let taken = false;
    const writing = sink.write(Buffer.from("2\n"), 1, detailOf([2], 1002)).then(() => {
      taken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).toBe(false);
    answers.resolve();
    await writing;
    await finish(sink, 2);
    expect(store.objects.size).toBe(1003);
  });
});

describe("sizes", () => {
  /** Sizes of the objects, in the order of their first events. */
  async function sizes(more: Partial<SinkContext>, eventBytes: number, atOnce: number) {
    const { open, store } = placeFor({ max_size: 100 }, more);
    const sink = await open();
    for (let i = 0; i < 60; i += atOnce) {
      const bytes = Buffer.alloc(eventBytes * atOnce, 0x31);
      await sink.write(bytes, atOnce, detailOf(new Array(atOnce).fill(eventBytes), i));
    }
    await finish(sink);
    return [...store.objects]
      .map(([key, { bytes }]) => [Number(/@(\d+)/.exec(key)?.[1]), bytes.length])
      .sort(([a = 0], [b = 0]) => a - b);
  }

  test("of Avro derive from the events, not from how many come at once", async () => {
    const avro = { format: "avro", schema: "string" } as const;
    const one = await sizes(avro, 5, 1);
    expect(one.length).toBeGreaterThan(1);
    expect(await sizes(avro, 5, 60)).toEqual(one);
    expect(await sizes(avro, 5, 7 * 4 - 8)).toEqual(one);
  });

  test("count the header", async () => {
    const csv = { format: "csv", header: Buffer.from('"some header"\n') };
    for (const [, sizeBytes] of await sizes(csv, 10, 3)) expect(sizeBytes).toBeLessThanOrEqual(100);
    expect(await sizes(csv, 10, 60)).toEqual(await sizes(csv, 10, 1));
  });
});

test("times that are no dates are written", async () => {
  for (const timeMs of [-1, 9e15, -9e15, Number.MAX_SAFE_INTEGER]) {
    const { open, store } = placeFor({ by: "%Y-%m-%d" });
    const sink = await open();
    await sink.write(Buffer.from("1\n"), 1, detailOf([2], 0, timeMs));
    await finish(sink);
    expect([...store.objects.keys()].join()).toMatch(/^[-+\d]+\/[-+\dT]+Z-safe---/);
  }
});

test("what can't be told apart within a batch still has names of its own", async () => {
  const { open, store } = placeFor({ max_events: 1 }, { stream: "safe.rejected" });
  const sink = await open();
  const from = { origin: "visits.jsonl", firstLine: 7, readTimeMs: 0 };
  for (let i = 0; i < 3; i++) await sink.write(Buffer.from(`{"sealed":${i}}\n`), 1, { from });
  await finish(sink);
  expect([...store.objects.keys()].every((key) => key.includes("---visits.jsonl@7-"))).toBe(true);
  expect([...store.objects.values()].map(({ bytes }) => bytes.toString()).sort()).toEqual(
    [0, 1, 2].map((i) => `{"sealed":${i}}\n`),
  );
});

describe("secrets", () => {
  test("stand in the spool, for its owner alone, and not in states", async () => {
    for (const secret of [false, true]) {
      const { open, spool } = placeFor({ max_events: 1 }, { stream: "safe.keys", secret });
      const sink = await open();
      await sink.write(Buffer.from('"link","0","SECRET"\n'), 1, { timeMs: 0 });
      const state = await sink.prepare(cutOf(1, false));
      expect(JSON.stringify(state)).not.toContain("SECRET");
      expect(statSync(spool).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(spool)) expect(statSync(join(spool, name)).mode & 0o777).toBe(0o600);
      await sink.close();
    }
  });
});

test.runIf(onLinux)("a spool that lacks a file leaves none open", async () => {
  const { open, spool } = placeFor({ by: "%M" });
  const sink = await open();
  for (let i = 0; i < 3; i++) await sink.write(Buffer.from("1\n"), 1, detailOf([2], i, i * 60_000));
  const state = stored(await sink.prepare(cutOf(1, false)));
  await sink.close();
  rmSync(join(spool, "3.part"));
  await expect(open(state)).rejects.toMatchObject({ code: "file.changed" });
  expect(openFilesIn(spool)).toBe(0);
});

test("very many files in one object leave its state small, and its name its own", async () => {
  const { open, store } = placeFor({ max_events: 2500 });
  const sink = await open();
  const from = { firstLine: 1, readTimeMs: 0 };
  for (let i = 0; i < 5000; i++) {
    await sink.write(Buffer.from("1\n"), 1, { ...detailOf([2]), from: { ...from, origin: `in/${i}` } });
  }
  expect(JSON.stringify(await sink.prepare(cutOf(1, false))).length).toBeLessThan(100_000);
  await sink.commit();
  await finish(sink, 2);
  const keys = [...store.objects.keys()];
  expect(keys.length).toBe(2);
  for (const key of keys) expect(key).toContain("---1000-or-more-partitions-");
});

test("an object that was in the way and is gone is no reason to stop", async () => {
  const { open, store } = placeFor({});
  const sink = await open();
  let key = "";
  store.trouble = (moment, put) => {
    if (moment !== "before" || key !== "") return;
    key = put;
    store.set(key, "other");
  };
  store.head = async () => {
    store.objects.delete(key);
    return undefined;
  };
  await sink.write(Buffer.from("1\n"), 1, detailOf([2]));
  await sink.prepare(cutOf(1, true));
  await expect(sink.commit()).rejects.toBeInstanceOf(TransientFailure);
  expect((await sink.commit()).events).toBe(1);
  await sink.close();
  expect(store.objects.get(key)?.bytes.toString()).toBe("1\n");
});

test("what the disk refuses after an upload has a code", async () => {
  for (const name of ["1.done.new", "1.part"]) {
    const { open, spool } = placeFor({});
    const sink = await open();
    await sink.write(Buffer.from("1\n"), 1, detailOf([2]));
    await sink.prepare(cutOf(1, true));
    if (name === "1.part") await sink.commit();
    rmSync(join(spool, name), { force: true });
    mkdirSync(join(spool, name));
    await sink.prepare(cutOf(2, true));
    await expect(sink.commit()).rejects.toMatchObject({ code: expect.stringMatching(/^file\./) });
    await sink.close();
  }
});

test("an object that may wait for months does not ask for checkpoints meanwhile", async () => {
  let asked = 0;
  const checkpoint = () => {
    asked++;
    return Promise.resolve();
  };
  const { open } = placeFor({ every: 60 * 86_400_000 }, { checkpoint });
  const sink = await open();
  await sink.write(Buffer.from("1\n"), 1, detailOf([2]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await sink.close();
  expect(asked).toBe(0);
});

test.runIf(onLinux)("events of alternating folders are gathered before they are written", async () => {
  const { open, spool, store } = placeFor({ by: "%M" });
  const sink = await open();
  const detail = detailOf(new Array(100).fill(2));
  for (const i of [...(detail.frames?.timesMs.keys() ?? [])].filter((each) => each % 2 === 1)) {
    detail.frames?.timesMs.set([60_000], i);
  }
  await sink.write(Buffer.from("1\n".repeat(100)), 100, detail);
  expect(readdirSync(spool).map((name) => statSync(join(spool, name)).size)).toEqual([0, 0]);
  const state = stored(await sink.prepare(cutOf(1, false)));
  expect(readdirSync(spool).map((name) => statSync(join(spool, name)).size)).toEqual([100, 100]);
  await sink.write(Buffer.from("1\n".repeat(100)), 100, detail);
  await sink.close();
  const next = await open(state);
  await next.commit();
  await finish(next, 2);
  expect([...store.objects.values()].map(({ bytes }) => bytes.length)).toEqual([100, 100]);
});
