// What the source of every store of objects must do, against the store itself.
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import type { SourceContext } from "../../runner/connectors/connector.ts";
import type { Positions, Source } from "../../runner/connectors/delivery.ts";
import type { ObjectSourceOptions } from "../../runner/connectors/objects/source.ts";
import type { ObjectStore } from "../../runner/connectors/objects/store.ts";
import { sourceContext } from "../kit/contexts.ts";
import { codeOf } from "../kit/failures.ts";
import { emptyFolder } from "../kit/folder.ts";
import { bodyOf } from "../kit/object-bodies.ts";
import { lineObjects } from "../kit/some-objects.ts";
import { Taken } from "../kit/taken.ts";
import { sourceConformance } from "./source.ts";

export interface BucketSubject {
  /** Of an empty bucket. */
  store(): Promise<ObjectStore>;
  /** Of the same one. */
  open(options: ObjectSourceOptions, context: SourceContext): Promise<Source>;
}

const defaults: ObjectSourceOptions = { prefix: "", follow: false, poll_every: 100, changed: "fail" };
const never = new AbortController().signal;

/** `make` gives a bucket of its own to each test. */
export function objectSourceConformance(make: () => Promise<BucketSubject>): void {
  sourceConformance(
    async () => {
      const subject = await make();
      const { objects, expected } = lineObjects();
      const packs: Record<string, (bytes: Buffer) => Buffer> = {
        "a.jsonl": (bytes) => gzipSync(bytes),
        "d.jsonl": (bytes) => zstdCompressSync(bytes),
      };
      const packed = Object.entries(objects).map(
        ([key, bytes]) => [key, packs[key]?.(bytes) ?? bytes] as const,
      );
      await write(await subject.store(), Object.fromEntries(packed));
      return {
        open: (resume, buffers) =>
          subject.open(defaults, sourceContext(emptyFolder(), { resume, buffers, maxEventBytes: 300_000 })),
        expected,
      };
    },
    { resumes: true },
  );

  test("reads more objects than a listing gives at once, in the order of keys", {
    timeout: 60_000,
  }, async () => {
    const subject = await make();
    const keys = Array.from({ length: 1100 }, (_, i) => `n/${i % 7}/${i}`);
    const store = await subject.store();
    for (let at = 0; at < keys.length; at += 50) {
      const some = keys.slice(at, at + 50);
      await Promise.all(some.map((key) => write(store, { [key]: `${key}\n` })));
    }
    const { texts } = await read(subject, { prefix: "n" });
    expect(texts).toEqual([...keys].sort());
  });

  test("follows, and notices what is replaced and what is new", async () => {
    const subject = await make();
    const store = await subject.store();
    await write(store, { "m.jsonl": "1\n" });
    const first = await read(subject, { follow: true }, new Map(), async ({ lines }) => {
      if (lines.length === 1) await write(store, { "a.jsonl": "2\n" });
      return lines.length === 2;
    });
    expect(first.texts).toEqual(["1", "2"]);
    await write(store, { "m.jsonl": "3\n", "z.jsonl": "4\n" });
    expect(await codeOf(read(subject, {}, first.positions))).toBe("bucket.object-changed");
    expect((await read(subject, { changed: "ignore" }, first.positions)).texts).toEqual(["4"]);
    expect((await read(subject, { changed: "read" }, first.positions)).texts).toEqual(["3", "4"]);
  });

  test("notices that an object was replaced that it had read in part", async () => {
    const subject = await make();
    const store = await subject.store();
    await write(store, { "a.jsonl": `${"x".repeat(999)}\n`.repeat(3000), "b.jsonl": "b\n" });
    const first = await read(subject, {}, new Map(), async () => true);
    expect(first.lines.length).toBeLessThan(3000);
    const whole = await read(subject, {}, first.positions);
    expect(first.lines.length + whole.lines.length).toBe(3001);
    await write(store, { "a.jsonl": "new\n" });
    expect(await codeOf(read(subject, {}, first.positions))).toBe("bucket.object-changed");
    expect((await read(subject, { changed: "ignore" }, first.positions)).texts).toEqual(["b"]);
    expect((await read(subject, { changed: "read" }, first.positions)).texts).toEqual(["new", "b"]);
  });

  test("fails before the first event where there is no object", async () => {
    const subject = await make();
    expect(await codeOf(read(subject, { prefix: "none" }))).toBe("bucket.no-objects");
  });
}

async function write(
  store: ObjectStore,
  objects: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [key, bytes] of Object.entries(objects)) {
    const settings = { contentType: "application/x-ndjson", metadata: {}, onlyNew: false };
    expect(await store.put(key, bodyOf(bytes), settings, never)).toBe("written");
  }
}

/** To the end, or until `enough` says so, which is called behind each item. */
async function read(
  subject: BucketSubject,
  options: Partial<ObjectSourceOptions>,
  resume: Positions = new Map(),
  enough: (taken: Taken) => Promise<boolean> = async () => false,
): Promise<Taken> {
  const source = await subject.open({ ...defaults, ...options }, sourceContext(emptyFolder(), { resume }));
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const taken = new Taken();
  try {
    for await (const item of source.items(stop.signal)) {
      taken.take(item);
      if (await enough(taken)) stop.abort();
    }
  } finally {
    await source.close();
  }
  return taken;
}
