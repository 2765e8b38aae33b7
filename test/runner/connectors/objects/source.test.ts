// Objects are read whole, in the order of their keys, once each, whatever happens to them and to the run.
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { SourceContext } from "../../../../runner/connectors/connector.ts";
import type { Item, Positions, Source } from "../../../../runner/connectors/delivery.ts";
import { type ObjectSourceOptions, openObjectSource } from "../../../../runner/connectors/objects/source.ts";
import { TransientFailure } from "../../../../runner/failure.ts";
import { type SourceSubject, sourceConformance } from "../../../conformance/source.ts";
import { sourceContext, type Warnings } from "../../../kit/contexts.ts";
import { codeOf } from "../../../kit/failures.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { MemoryObjects } from "../../../kit/memory-objects.ts";
import { avroObjects, csvObjects, lineObjects, type SomeObjects } from "../../../kit/some-objects.ts";
import { Taken } from "../../../kit/taken.ts";

const MAX_EVENT_BYTES = 300_000;
const defaults: ObjectSourceOptions = { prefix: "", follow: false, poll_every: 100, changed: "fail" };

type Pack = (bytes: Uint8Array) => Uint8Array;

function open(
  store: MemoryObjects,
  options: Partial<ObjectSourceOptions> = {},
  more: Partial<SourceContext> = {},
): Promise<Source> {
  return openObjectSource({ ...defaults, ...options }, sourceContext(emptyFolder(), more), store);
}

const subjectOf =
  ({ objects, expected, context, options }: SomeObjects, pack: Pack = (bytes) => bytes, follow = false) =>
  async (): Promise<SourceSubject> => {
    const store = new MemoryObjects();
    for (const [key, bytes] of Object.entries(objects))
      store.set(key, bytes.length > 0 ? pack(bytes) : bytes);
    return {
      open: (resume, buffers) =>
        open(store, { ...options, follow }, { ...context, resume, buffers, maxEventBytes: MAX_EVENT_BYTES }),
      expected,
    };
  };

/** In members that stand alone, as `cat` makes them of several archives. */
const inMembers =
  (pack: Pack): Pack =>
  (bytes) => {
    const cuts = [0, 1, Math.floor(bytes.length / 3), bytes.length];
    return Buffer.concat(cuts.slice(1).map((end, i) => pack(bytes.subarray(cuts[i], end))));
  };

describe("the source of objects", () => {
  describe("of lines", () => sourceConformance(subjectOf(lineObjects()), { resumes: true }));
  describe("of gzip", () =>
    sourceConformance(subjectOf(lineObjects(), inMembers(gzipSync)), { resumes: true }));
  describe("of zstd", () =>
    sourceConformance(subjectOf(lineObjects(), inMembers(zstdCompressSync)), { resumes: true }));
  describe("of Avro", () => sourceConformance(subjectOf(avroObjects()), { resumes: true }));
  describe("of CSV in another charset", () => sourceConformance(subjectOf(csvObjects()), { resumes: true }));
  describe("that follows", () =>
    sourceConformance(subjectOf(lineObjects(), undefined, true), {
      resumes: true,
      endless: true,
      waiting: async () => {
        const store = new MemoryObjects();
        store.set("a", "a\nb\nc");
        return { source: await open(store, { follow: true, poll_every: 60_000 }), texts: ["a", "b", "c"] };
      },
    }));
});

interface Reading {
  readonly taken: Taken;
  readonly warnings: readonly string[];
}

/** To the end, or until `enough` says so; `between` is called behind each item. */
async function read(
  store: MemoryObjects,
  options: Partial<ObjectSourceOptions> = {},
  more: Partial<SourceContext> & {
    readonly between?: (taken: Taken, item: Item) => void | Promise<void>;
    readonly enough?: (taken: Taken) => boolean;
  } = {},
): Promise<Reading> {
  const { between = () => {}, enough = () => false, ...context } = more;
  const taken = new Taken();
  const opened: SourceContext & Warnings = sourceContext(emptyFolder(), context);
  const source = await openObjectSource({ ...defaults, ...options }, opened, store);
  const stop = new AbortController();
  try {
    for await (const item of source.items(stop.signal)) {
      taken.take(item);
      await between(taken, item);
      if (enough(taken)) stop.abort();
    }
  } finally {
    await source.close();
  }
  return { taken, warnings: opened.warnings };
}

function storeOf(objects: Readonly<Record<string, string>>): MemoryObjects {
  const store = new MemoryObjects();
  for (const [key, text] of Object.entries(objects)) store.set(key, text);
  return store;
}

describe("which objects", () => {
  const objects = {
    "a.jsonl": "a\n",
    "clicks-old/x.jsonl": "x\n",
    "clicks/": "folder\n",
    "clicks/2/b.jsonl": "b\n",
    "clicks/2/empty.jsonl": "",
    "clicks/10/c.csv": "c\n",
    "clicks/_SUCCESS": "",
    "clicks/_temporary/0/d.jsonl": "d\n",
    "clicks/.part.crc": "e\n",
    "clicks/käse//f.jsonl": "f\n",
    "clicks/\u{1f600}.jsonl": "g\n",
    "clicks/\uff5e.jsonl": "h\n",
    "clicks/[x]?.jsonl": "i\n",
  };
  test.each<[string, Partial<ObjectSourceOptions>, string]>([
    ["all of a bucket but hidden and empty ones", {}, "axcbifhg"],
    ["a folder", { prefix: "clicks" }, "cbifhg"],
    ["a folder with its slash", { prefix: "clicks/" }, "cbifhg"],
    ["a folder that is hidden itself", { prefix: "clicks/_temporary" }, "d"],
    ["a pattern of one folder", { prefix: "clicks", pattern: "*.jsonl" }, "ihg"],
    ["a pattern of any folder", { prefix: "clicks", pattern: "**/*.jsonl" }, "bifhg"],
    ["a pattern without a prefix", { pattern: "clicks*/**/[bx].jsonl" }, ""],
    ["one of several", { pattern: "clicks{-old,}/**/{b,x}.jsonl" }, "xb"],
    ["a list of patterns, each object once", { pattern: ["clicks/**", "clicks/2/*", "a.*"] }, "acbifhg"],
    ["an exact key", { pattern: "clicks/2/b.jsonl" }, "b"],
    ["hidden ones that the pattern names", { pattern: "clicks/{_*/**,.*}" }, "ed"],
    ["`?`, which is one character", { prefix: "clicks", pattern: "?.jsonl" }, "hg"],
  ])("%s, in the order of keys", async (_, options, expected) => {
    const store = storeOf(objects);
    if (expected === "") expect(await codeOf(read(store, options))).toBe("bucket.no-objects");
    else expect((await read(store, options)).taken.texts.join("")).toBe(expected);
  });

  test("lists no more than the patterns' beginnings", async () => {
    const listed: string[] = [];
    const store = storeOf({ "a/1/x": "1\n", "b/1": "2\n", "a/2/x": "3\n" });
    const list = store.list.bind(store);
    store.list = (prefix, after) => {
      listed.push(prefix);
      return list(prefix, after);
    };
    await read(store, { pattern: ["b/?", "a/{1/*,2/**}", "a/2/x"] });
    expect([...new Set(listed)]).toEqual(["a/1/", "a/2/", "b/"]);
  });

  test("says that it passes over hidden objects, once", async () => {
    const { warnings } = await read(storeOf({ a: "a\n", _b: "b\n", _c: "c\n", _d: "" }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("memory://bucket/_b and others like it");
  });

  test("none is a failure before the first event, unless it follows", async () => {
    expect(await codeOf(open(storeOf({ "a/": "", b: "" })))).toBe("bucket.no-objects");
    const store = storeOf({});
    const reading = read(store, { follow: true }, { enough: ({ lines }) => lines.length === 1 });
    setTimeout(() => store.set("a", "a\n"), 50);
    const { taken, warnings } = await reading;
    expect(taken.texts).toEqual(["a"]);
    expect(warnings[0]).toContain("finds no object at memory://bucket/");
  });
});

test("follows: new objects are read wherever their keys stand, each once, over any number of runs", async () => {
  const store = storeOf({ "m/1": "m/1\n" });
  const later = ["a/2", "z/3", "m/0", "m/1/4", "b", "m/2"];
  const texts: string[] = [];
  let resume: Positions = new Map();
  while (later.length > 0) {
    // One comes while the run waits, and one before the next run.
    const add = () => {
      const next = later.shift();
      if (next !== undefined) store.set(next, `${next}\n`);
    };
    const here = store.objects.size - texts.length;
    let added = false;
    const between = ({ lines }: Taken) => {
      if (added || lines.length < here) return;
      added = true;
      add();
    };
    const enough = ({ lines }: Taken) => lines.length === here + 1;
    const { taken } = await read(store, { follow: true }, { resume, between, enough });
    texts.push(...taken.texts);
    resume = new Map([...resume, ...taken.positions]);
    add();
  }
  expect([...texts].sort()).toEqual(["a/2", "b", "m/0", "m/1", "m/1/4", "z/3"]);
});

/** Its first item is not its last. */
const long = (letter: string) => `${letter.repeat(99)}\n`.repeat(20_000);
const changes: readonly [string, (store: MemoryObjects, key: string) => void][] = [
  ["replaced", (store, key) => store.set(key, "new 1\nnew 2\n")],
  ["deleted", (store, key) => store.objects.delete(key)],
];

describe.each(changes)("an object that is %s", (how, change) => {
  /** The second of three is changed when the first line of `when` has been read; `again`: only then a run goes on. */
  async function readWhile(
    changed: "fail" | "ignore" | "read",
    when: string,
    again: boolean,
  ): Promise<Reading & { readonly before: readonly string[] }> {
    const store = storeOf({ "1": "first\n", "2": long("x"), "3": "third\n" });
    if (again) {
      const whole = await read(store, {}, { enough: ({ texts }) => texts.includes(when) });
      const { positions, texts: before } = whole.taken;
      change(store, "2");
      return { ...(await read(store, { changed }, { resume: positions })), before };
    }
    let done = false;
    const reading = await read(
      store,
      { changed },
      {
        between: ({ texts }) => {
          if (done || !texts.includes(when)) return;
          done = true;
          change(store, "2");
        },
      },
    );
    return { ...reading, before: [] };
  }

  const x = "x".repeat(99);
  const countOf = (texts: readonly string[], text: string) => texts.filter((one) => one === text).length;

  test.each([false, true])(
    "while it is read stops the run, where nothing else is said (goes on: %s)",
    async (again) => {
      expect(await codeOf(readWhile("fail", x, again))).toBe("bucket.object-changed");
    },
  );

  test.each([false, true])(
    "while it is read is left, where changes are ignored (goes on: %s)",
    async (again) => {
      const { taken, warnings, before } = await readWhile("ignore", x, again);
      const texts = [...before, ...taken.texts];
      expect([countOf(texts, "first"), countOf(texts, "third")]).toEqual([1, 1]);
      expect(texts.some((text) => text.startsWith("new"))).toBe(false);
      expect(countOf(texts, x)).toBeLessThan(20_000);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(`memory://bucket/2 was ${how} before it had been read to its end`);
    },
  );

  test.each([false, true])(
    "while it is read is read from its start, where that is asked for (goes on: %s)",
    async (again) => {
      const { taken, warnings, before } = await readWhile("read", x, again);
      const texts = [...before, ...taken.texts];
      expect([countOf(texts, "first"), countOf(texts, "third")]).toEqual([1, 1]);
      const fresh = taken.lines.filter(({ text }) => text.startsWith("new"));
      expect(fresh.map(({ origin, line }) => [origin, line])).toEqual(
        how === "deleted"
          ? []
          : [
              ["2", 1],
              ["2", 2],
            ],
      );
      expect(warnings).toHaveLength(1);
    },
  );
});

describe("an object that changes", () => {
  test("before its turn is read as it is by then; one that is gone is told", async () => {
    const store = storeOf({ "1": long("x"), "2": "old\n", "3": "gone\n" });
    let changed = false;
    const between = () => {
      if (changed) return;
      changed = true;
      store.set("2", "new\n");
      store.objects.delete("3");
    };
    // Neither was fetched ahead yet.
    const list = store.list.bind(store);
    store.readTrouble = async (key) => {
      while (key !== "1" && !changed) await sleep(5);
    };
    expect(list).toBeDefined();
    const { taken, warnings } = await read(store, {}, { between });
    expect(taken.texts.slice(-1)).toEqual(["new"]);
    expect(warnings).toEqual(["memory://bucket/3 was deleted before its turn came."]);
  });

  describe("after it was read", () => {
    async function readThen(changed: "fail" | "ignore" | "read") {
      const store = storeOf({ a: "1\n2\n", b: "3\n" });
      const first = await read(store);
      store.set("a", "4\n");
      store.set("c", "5\n");
      const second = await read(store, { changed }, { resume: first.taken.positions });
      const third = await read(store, {}, { resume: second.taken.positions });
      return { second, third };
    }

    test("stops the run that goes on, where nothing else is said", async () => {
      expect(await codeOf(readThen("fail"))).toBe("bucket.object-changed");
    });

    test("is left, where changes are ignored, and told once", async () => {
      const { second, third } = await readThen("ignore");
      expect(second.taken.texts).toEqual(["5"]);
      expect(second.warnings).toEqual(["memory://bucket/a was replaced after it had been read."]);
      expect([third.taken.texts, third.warnings]).toEqual([[], []]);
    });

    test("is read whole, where that is asked for", async () => {
      const { second, third } = await readThen("read");
      expect(second.taken.texts).toEqual(["4", "5"]);
      expect(third.taken.texts).toEqual([]);
    });
  });

  test("is noticed while the run follows", async () => {
    const store = storeOf({ a: "1\n" });
    const change = ({ lines }: Taken) => {
      if (lines.length === 1) store.set("a", "2\n");
    };
    expect(await codeOf(read(store, { follow: true }, { between: change }))).toBe("bucket.object-changed");
  });
});

describe("an object that can't be read", () => {
  test.each<[string, Uint8Array]>([
    ["is cut", gzipSync(long("x")).subarray(0, -10)],
    ["goes on as something else", Buffer.concat([gzipSync("a\n"), Buffer.from("{}\n")])],
    ["is altered", Buffer.from(zstdCompressSync(long("x")).map((byte, i) => (i > 20 ? 0xff : byte)))],
  ])("since the archive %s", async (_, bytes) => {
    const store = storeOf({ a: "a\n" });
    store.set("b", bytes);
    expect(await codeOf(read(store))).toBe("bucket.object-damaged");
  });

  test("as Avro says whether it is damaged or something else", async () => {
    const { objects, context } = avroObjects();
    const whole = objects["b.avro"] ?? Buffer.alloc(0);
    const store = storeOf({ "b.avro": "" });
    store.set("b.avro", whole.subarray(0, -1));
    expect(await codeOf(read(store, {}, context))).toBe("bucket.object-damaged");
    store.set("b.avro", '{"n":1}\n');
    expect(await codeOf(read(store, {}, context))).toBe("bucket.object-format");
  });
});

test("goes on behind a fault that passes, at the byte where it was", async () => {
  const store = storeOf({ a: long("x"), b: "b\n" });
  let faults = 0;
  store.readTrouble = (_, at) => {
    if (at > 1_000_000 && faults++ === 0) throw new TransientFailure("file.io", "It is gone.", "Wait.");
  };
  const first = new Taken();
  const source = await open(store);
  await expect(
    (async () => {
      for await (const item of source.items(new AbortController().signal)) first.take(item);
    })(),
  ).rejects.toThrow("It is gone.");
  await source.close();
  const { taken } = await read(store, {}, { resume: first.positions });
  expect(first.lines.length).toBeGreaterThan(5000);
  expect([...first.texts, ...taken.texts]).toEqual([...long("x").trimEnd().split("\n"), "b"]);
});

test("ends when it is stopped while the store is silent", async () => {
  const store = storeOf({ a: long("x") });
  store.readTrouble = async (_, at) => {
    if (at > 1_000_000) await sleep(60_000, undefined, { signal: silence.signal });
  };
  const silence = new AbortController();
  const stop = new AbortController();
  stop.signal.addEventListener("abort", () => silence.abort());
  const source = await open(store);
  const taken = new Taken();
  for await (const item of source.items(stop.signal)) {
    taken.take(item);
    setTimeout(() => stop.abort(), 50);
  }
  await source.close();
  expect(taken.lines.length).toBeGreaterThan(0);
});
