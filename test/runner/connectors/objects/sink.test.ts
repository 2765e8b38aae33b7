// Objects: each event in exactly one of them, under names that repeat themselves, whatever fails on the way.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import type { SinkContext } from "../../../../runner/connectors/connector.ts";
import type { Detail, Sink } from "../../../../runner/connectors/delivery.ts";
import { type ObjectSinkOptions, openObjectSink } from "../../../../runner/connectors/objects/sink.ts";
import { StrmFailure, TransientFailure } from "../../../../runner/failure.ts";
import {
  abandon,
  cutOf,
  finish,
  type SinkSubject,
  sinkConformance,
  stored,
} from "../../../conformance/sink.ts";
import { avroType } from "../../../kit/avro.ts";
import { containerIn } from "../../../kit/avro-files.ts";
import { sinkContext } from "../../../kit/contexts.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { MemoryObjects } from "../../../kit/memory-objects.ts";

const defaults: ObjectSinkOptions = {
  prefix: "clicks",
  max_size: 1 << 20,
  name: "{time}-{stream}---{partitions}-{id}",
  compress: "none",
  overwrite: false,
};

interface Placed extends SinkSubject {
  readonly store: MemoryObjects;
  readonly spool: string;
}

function subjectOf(options: Partial<ObjectSinkOptions> = {}, more: Partial<SinkContext> = {}): Placed {
  const folder = emptyFolder();
  const store = new MemoryObjects();
  const spool = join(folder, ".strm", "spool", "a1b2c3d4-safe-%3Efile");
  return {
    store,
    spool,
    open: (resume?: Json) =>
      openObjectSink(
        { ...defaults, ...options },
        sinkContext(folder, { ...more, ...(resume !== undefined && { resume }) }),
        store,
      ),
    // In the order in which they were written: lines are numbered.
    visible: () =>
      [...store.objects.values()]
        .map(({ bytes }) => ({
          content: options.compress === "gzip" ? gunzipSync(bytes) : bytes,
          sizeBytes: bytes.length,
        }))
        .sort((a, b) => numberOf(a.content) - numberOf(b.content)),
    // Marks of what the bucket has may stay.
    hidden: () => readdirSync(spool).filter((name) => !name.endsWith(".done")),
  };
}

function numberOf(content: Buffer): number {
  return Number(/\d+/.exec(content.toString("latin1"))?.[0]);
}

/** Events of one partition, from `first` on, one a second. */
function detailOf(lines: readonly string[], first: number, origin = "clicks/0", startMs = 0): Detail {
  let end = 0;
  return {
    frames: {
      ends: Int32Array.from(lines, (line) => (end += Buffer.byteLength(line))),
      records: Int32Array.from(lines.keys()),
      timesMs: Float64Array.from(lines, (_, i) => startMs + (first + i) * 1000),
      linkEnds: new Int32Array(lines.length),
      links: new Uint8Array(0),
    },
    from: {
      origin,
      firstLine: 1,
      readTimeMs: 0,
      records: {
        ends: new Int32Array(lines.length),
        offsets: Float64Array.from(lines, (_, i) => first + i),
        timesMs: new Float64Array(lines.length),
      },
    },
  };
}

async function writeLines(sink: Sink, from: number, to: number, detail = detailOf): Promise<void> {
  const lines = Array.from({ length: to - from }, (_, i) => `{"n":${from + i}}\n`);
  await sink.write(Buffer.from(lines.join("")), lines.length, detail(lines, from));
}

function contents({ store }: Placed): Readonly<Record<string, string>> {
  // Two are uploaded at once: which of them comes first is chance.
  return Object.fromEntries(
    [...store.objects]
      .sort(([, one], [, other]) => numberOf(one.bytes) - numberOf(other.bytes))
      .map(([key, { bytes }]) => [key, bytes.toString()]),
  );
}

const traits = { shownBy: "time", exact: true, emptyObjects: 0, reports: true } as const;

describe("conformance", () => {
  for (const options of [{}, { max_size: 65_536 }, { every: 1 }, { compress: "gzip" as const }]) {
    describe(JSON.stringify(options), () => sinkConformance(() => subjectOf(options), traits));
  }
});

describe("names", () => {
  test("hold the time and the place of the first event of each partition", async () => {
    const subject = subjectOf();
    const sink = await subject.open();
    await writeLines(sink, 1234, 1236);
    await writeLines(sink, 88, 90, (lines, first) => detailOf(lines, first, "clicks/1"));
    await finish(sink);
    const [key] = Object.keys(contents(subject));
    expect(key).toMatch(/^clicks\/1970-01-01T00-20-34Z-safe---0@1234_1@88-[0-9a-f]{12}\.jsonl$/);
  });

  test("are counted where partitions are many, and safe where origins are paths", async () => {
    const subject = subjectOf({ max_events: 10 });
    const sink = await subject.open();
    for (let i = 0; i < 10; i++) {
      await writeLines(sink, i, i + 1, (lines, first) => detailOf(lines, first, `clicks/${i}`));
    }
    await writeLines(sink, 10, 11, (lines, first) => detailOf(lines, first, "in/été (1).jsonl"));
    await finish(sink);
    const keys = Object.keys(contents(subject)).map((key) => key.replace(/[0-9a-f]{12}/, "ID"));
    expect(keys).toEqual([
      "clicks/1970-01-01T00-00-00Z-safe---10-partitions-ID.jsonl",
      "clicks/1970-01-01T00-00-10Z-safe----t---1-.jsonl@10-ID.jsonl",
    ]);
  });

  test("of keys are told apart by what they hold", async () => {
    const subject = subjectOf({ max_events: 1 }, { stream: "safe.keys", format: "csv", secret: true });
    const sink = await subject.open();
    for (const link of ["a", "b"]) await sink.write(Buffer.from(`"${link}"\n`), 1, { timeMs: 3_600_000 });
    await finish(sink);
    const keys = Object.keys(contents(subject));
    expect(new Set(keys).size).toBe(2);
    for (const key of keys)
      expect(key).toMatch(/^clicks\/1970-01-01T01-00-00Z-safe\.keys---links-[0-9a-f]{12}\.csv$/);
  });

  test.each([
    [{ name: "{time}" }, "`name` has no `{id}`"],
    [{ name: "{id}{what}" }, "unknown part `{what}`"],
    [{ prefix: "/clicks" }, "`prefix` begins with `/`"],
    [{ by: "day" }, "`by` has no part"],
    [{ by: "%Y-%j" }, "`by` has `%j`"],
  ])("that can't be are refused: %j", async (options, words) => {
    await expect(subjectOf(options).open()).rejects.toMatchObject({
      code: "bucket.options",
      message: expect.stringContaining(words),
    });
  });
});

describe("boundaries", () => {
  /** Names and contents, however the events came in. */
  async function written(steps: readonly number[], options: Partial<ObjectSinkOptions>, bounded = true) {
    const subject = subjectOf(options, { bounded });
    let sink = await subject.open();
    let checkpoint = 0;
    for (const [i, to] of steps.entries()) {
      await writeLines(sink, steps[i - 1] ?? 0, to);
      if (i % 2 === 1) continue;
      const state = stored(await sink.prepare(cutOf(++checkpoint, false)));
      await sink.commit();
      if (i % 3 !== 0) continue;
      abandon(sink);
      sink = await subject.open(state);
      await sink.commit();
    }
    await finish(sink, checkpoint + 1);
    return contents(subject);
  }

  test("come from the events alone, not from batches, checkpoints, or where a run broke off", async () => {
    for (const options of [
      { max_events: 7 },
      { max_size: 100 },
      { max_events: 11, by: "%H-%M" },
      { compress: "gzip" as const, max_events: 1000 },
      { compress: "zstd" as const, max_size: 10_000 },
    ]) {
      const one = await written([1000], options);
      const other = await written([1, 2, 3, 10, 11, 100, 107, 300, 999, 1000], options);
      expect(Object.keys(other).sort()).toEqual(Object.keys(one).sort());
      expect(other).toEqual(one);
    }
  });

  test("are no larger than they may be, and one that is larger stands alone", async () => {
    const subject = subjectOf({ max_size: 30 });
    const sink = await subject.open();
    await writeLines(sink, 0, 9);
    const long = `{"n":9,"x":"${"x".repeat(50)}"}\n`;
    await sink.write(Buffer.from(long), 1, detailOf([long], 9));
    await writeLines(sink, 10, 12);
    await finish(sink);
    expect(Object.values(contents(subject)).map((text) => text.split("\n").length - 1)).toEqual([
      3, 3, 3, 1, 2,
    ]);
  });

  test("follow folders by event time, each with objects of its own", async () => {
    const subject = subjectOf({ by: "date=%Y-%m-%d/hour=%H" });
    const sink = await subject.open();
    const minutes = (lines: readonly string[], first: number) => {
      const detail = detailOf(lines, first);
      detail.frames?.timesMs.forEach((ms, i, all) => {
        all[i] = ms * 60 * 30;
      });
      return detail;
    };
    await writeLines(sink, 0, 4, minutes);
    await writeLines(sink, 1, 2, minutes);
    await finish(sink);
    expect(
      Object.entries(contents(subject))
        .sort()
        .map(([key, text]) => [key.slice(0, 30), text]),
    ).toEqual([
      ["clicks/date=1970-01-01/hour=00", '{"n":0}\n{"n":1}\n{"n":1}\n'],
      ["clicks/date=1970-01-01/hour=01", '{"n":2}\n{"n":3}\n'],
    ]);
  });

  test("hold for a hundred open folders, of which the oldest go first", async () => {
    const subject = subjectOf({ by: "%H-%M" });
    const sink = await subject.open();
    await writeLines(sink, 0, 6000);
    expect(readdirSync(subject.spool).length).toBeLessThanOrEqual(100);
    await finish(sink);
    expect(Object.values(contents(subject)).join("").split("\n").length).toBe(6001);
    expect(subject.store.objects.size).toBe(100);
  });

  test("follow the clock only where the source does not end, or where it is asked for", async () => {
    const [endless, bounded] = [subjectOf({ every: 1 }), subjectOf({}, { bounded: true })];
    for (const [subject, objects] of [
      [endless, 1],
      [bounded, 0],
    ] as const) {
      const sink = await subject.open();
      await writeLines(sink, 0, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await sink.prepare(cutOf(1, false));
      await sink.commit();
      await expect.poll(() => subject.store.objects.size).toBe(objects);
      await sink.close();
    }
  });
});

describe("trouble", () => {
  const lost = () => new TransientFailure("file.io", "The answer was lost.", "Wait.");

  test("a write whose answer was lost is known again", async () => {
    const subject = subjectOf({ max_events: 2 });
    let losses = 0;
    subject.store.trouble = (moment) => {
      if (moment === "after" && losses++ % 2 === 0) throw lost();
    };
    const sink = await subject.open();
    await writeLines(sink, 0, 6);
    await sink.prepare(cutOf(1, true));
    let committed = await sink.commit().catch(() => undefined);
    for (let i = 0; committed === undefined && i < 10; i++)
      committed = await sink.commit().catch(() => undefined);
    expect(committed?.events).toBe(6);
    expect(losses).toBeGreaterThan(2);
    await sink.close();
    expect(Object.values(contents(subject)).join("")).toBe(
      Array.from({ length: 6 }, (_, i) => `{"n":${i}}\n`).join(""),
    );
  });

  test("another object of the same name stops the run and stays, unless it may be replaced", async () => {
    for (const overwrite of [false, true]) {
      const subject = subjectOf({ overwrite });
      const first = await subject.open();
      await writeLines(first, 0, 2);
      await finish(first);
      const [[key, object] = []] = [...subject.store.objects];
      subject.store.objects.set(key!, { ...object!, metadata: {}, bytes: Buffer.from("other") });
      const sink = await subject.open();
      await writeLines(sink, 0, 2);
      await sink.prepare(cutOf(1, true));
      const outcome = await sink.commit().catch((error: unknown) => error);
      await sink.close();
      if (overwrite) expect(contents(subject)[key!]).toBe('{"n":0}\n{"n":1}\n');
      else {
        expect(outcome).toMatchObject({
          code: "bucket.object-differs",
          message: expect.stringContaining(key!),
        });
        expect(outcome).toBeInstanceOf(StrmFailure);
        expect(contents(subject)[key!]).toBe("other");
      }
    }
  });

  test("a repeated run finds its objects, and leaves them", async () => {
    const subject = subjectOf({ max_events: 3 }, { bounded: true });
    const versions: string[][] = [];
    for (let i = 0; i < 2; i++) {
      const sink = await subject.open();
      await writeLines(sink, 0, 10);
      expect((await finish(sink)).events).toBe(10);
      versions.push([...subject.store.objects.values()].map(({ version }) => version));
    }
    expect(versions[1]).toEqual(versions[0]);
  });

  test("a bucket that is away is told once, holds back the source when much waits, and loses nothing", async () => {
    const warnings: string[] = [];
    const subject = subjectOf(
      { max_events: 1, max_size: 65_536 },
      { warn: (message) => warnings.push(message) },
    );
    let away = true;
    subject.store.trouble = () => {
      if (away) throw lost();
    };
    const sink = await subject.open();
    const line = (n: number) => `{"n":${n},"x":"${"x".repeat(60_000)}"}\n`;
    const write = (n: number) => sink.write(Buffer.from(line(n)), 1, detailOf([line(n)], n));
    const checkpoint = async (number: number, ends: boolean) => {
      await sink.prepare(cutOf(number, ends));
      return sink.commit();
    };
    let written = 0;
    // Checkpoints go on meanwhile.
    for (; written < 6; written++) {
      await write(written);
      await checkpoint(written + 1, false);
    }
    await expect
      .poll(() =>
        write(written).then(
          () => "taken",
          (error) => error.code,
        ),
      )
      .toBe("file.io");
    expect(warnings.length).toBe(1);
    away = false;
    await expect
      .poll(() =>
        write(written).then(
          () => "taken",
          () => "refused",
        ),
      )
      .toBe("taken");
    await checkpoint(written + 1, true);
    await sink.close();
    expect(Object.values(contents(subject)).join("")).toBe(
      Array.from({ length: written + 1 }, (_, n) => line(n)).join(""),
    );
  });

  test("a spool that is gone is told", async () => {
    const subject = subjectOf();
    const sink = await subject.open();
    await writeLines(sink, 0, 3);
    const state = stored(await sink.prepare(cutOf(1, false)));
    await sink.close();
    rmSync(subject.spool, { recursive: true });
    await expect(subject.open(state)).rejects.toMatchObject({ code: "file.changed" });
  });
});

describe("Avro", () => {
  const schema = { type: "record", name: "Visit", fields: [{ name: "n", type: "string" }] };

  function datumsIn(data: Buffer, count: number): readonly string[] {
    const texts: string[] = [];
    for (let at = 0; texts.length < count; ) {
      const { value, offset } = avroType(schema).decode(data, at);
      texts.push(value.n);
      at = offset;
    }
    return texts;
  }

  /** Of texts of that many bytes each. */
  async function object(lengths: readonly number[], checkpoints: boolean) {
    const subject = subjectOf({ compress: "zstd" }, { format: "avro", schema });
    const sink = await subject.open();
    for (const [i, length] of lengths.entries()) {
      const datum = avroType(schema).toBuffer({ n: `${i} `.padEnd(length, "x") });
      const detail = detailOf(["x".repeat(datum.length)], i);
      await sink.write(datum, 1, detail);
      if (!checkpoints) continue;
      await sink.prepare(cutOf(i + 1, false));
      await sink.commit();
    }
    await finish(sink, lengths.length + 1);
    return [...subject.store.objects][0]!;
  }

  test("objects are container files, the same wherever checkpoints cut", async () => {
    const lengths = [5, 1000, 70_000, 300_000, ...Array.from({ length: 500 }, (_, i) => 10 + i)];
    const [[key, one], [otherKey, other]] = [await object(lengths, false), await object(lengths, true)];
    expect(key.endsWith(".avro")).toBe(true);
    expect([otherKey, other.bytes.equals(one.bytes)]).toEqual([key, true]);
    const { blocks, codec } = containerIn(one.bytes);
    expect(codec).toBe("zstandard");
    const texts = blocks.flatMap(({ count, data }) => datumsIn(data, count));
    expect(texts.map((text) => text.length)).toEqual(lengths);
    expect(texts.map((text) => Number.parseInt(text, 10))).toEqual([...lengths.keys()]);
  });
});
