// What every store of objects must do, by whatever protocol.
import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { type ObjectStore, type PutSettings, SHA256_KEY } from "../../runner/connectors/objects/store.ts";
import { codeOf } from "../kit/failures.ts";
import { bodyOf, patternBody, patternBytes } from "../kit/object-bodies.ts";

export interface StoreSubject {
  /** A client of its own for an empty bucket, always the same one. */
  open(): Promise<ObjectStore>;
  /** Of a bucket that is not there. */
  openMissing(): Promise<ObjectStore>;
  /** What is half uploaded to the bucket, by whatever name. */
  unfinished(): Promise<readonly string[]>;
}

export interface StoreTraits {
  /** What a write to a bucket that is not there fails with; some servers don't tell whom may not know it. */
  readonly missingBucketWrite: string;
}

const never = new AbortController().signal;
const settings: PutSettings = { contentType: "text/plain", metadata: { origin: "a test" }, onlyNew: true };
/** Three parts, the last of which is short. */
const LARGE_BYTES = 2 * 8 * 1024 * 1024 + 12_345;

/** `make` gives a bucket of its own to each test. */
export function objectStoreConformance(make: () => Promise<StoreSubject>, traits: StoreTraits): void {
  const opened = async () => {
    const subject = await make();
    const store = await subject.open();
    onTestFinished(() => store.close());
    return { subject, store };
  };

  test("keeps what it was given, with its metadata, under any key", async () => {
    const { store } = await opened();
    for (const key of [
      "plain.jsonl",
      "a b/ü(1)+='&?#%20 ~.jsonl",
      "date=2026-11-26/hour=09/x@0_1@2.jsonl.gz",
    ]) {
      expect(await store.head(key, never)).toBeUndefined();
      const body = bodyOf(`what ${key} holds`);
      expect(await store.put(key, body, settings, never)).toBe("written");
      const there = await store.head(key, never);
      expect(there).toMatchObject({
        key,
        sizeBytes: body.sizeBytes,
        metadata: { origin: "a test", [SHA256_KEY]: body.sha256 },
      });
      expect(await textOf(store, key, there?.version)).toBe(`what ${key} holds`);
      expect(await listed(store, key)).toEqual([key]);
    }
  });

  test("keeps an object without a byte", async () => {
    const { store } = await opened();
    expect(await store.put("empty", bodyOf(""), settings, never)).toBe("written");
    const there = await store.head("empty", never);
    expect(there?.sizeBytes).toBe(0);
    expect(await textOf(store, "empty", there?.version)).toBe("");
  });

  test("leaves what is there where only a new object may be written, and else replaces it", async () => {
    const { store } = await opened();
    expect(await store.put("key", bodyOf("first"), settings, never)).toBe("written");
    expect(await store.put("key", bodyOf("second"), settings, never)).toBe("exists");
    const first = await store.head("key", never);
    expect(await textOf(store, "key", first?.version)).toBe("first");
    const replacing = { ...settings, onlyNew: false };
    expect(await store.put("key", bodyOf("third"), replacing, never)).toBe("written");
    const third = await store.head("key", never);
    expect(third?.version).not.toBe(first?.version);
    expect(await textOf(store, "key", third?.version)).toBe("third");
  });

  test("lets one of many who write at once win", async () => {
    const { store } = await opened();
    const bodies = Array.from({ length: 10 }, (_, i) => bodyOf(`rival ${i}`));
    const outcomes = await Promise.all(bodies.map((body) => store.put("once", body, settings, never)));
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 9 }, () => "exists"), "written"]);
    const there = await store.head("once", never);
    expect(there?.metadata[SHA256_KEY]).toBe(bodies[outcomes.indexOf("written")]?.sha256);
  });

  test("takes and gives objects of several parts, from any byte on", async () => {
    const { subject, store } = await opened();
    const body = patternBody(LARGE_BYTES);
    expect(await store.put("large", body, settings, never)).toBe("written");
    const there = await store.head("large", never);
    expect(there).toMatchObject({ sizeBytes: LARGE_BYTES, metadata: { [SHA256_KEY]: body.sha256 } });
    const version = there?.version ?? "";
    expect(await digestOf(store.read("large", version, 0, never))).toBe(body.sha256);
    for (const start of [1, 8 * 1024 * 1024 - 1, LARGE_BYTES - 1, LARGE_BYTES]) {
      const rest = createHash("sha256").update(patternBytes(start, LARGE_BYTES)).digest("hex");
      expect(await digestOf(store.read("large", version, start, never))).toBe(rest);
    }
    expect(await store.put("large", patternBody(LARGE_BYTES - 1), settings, never)).toBe("exists");
    expect(await store.head("large", never)).toEqual(there);
    expect(await subject.unfinished()).toEqual([]);
  });

  test("lists in the order of the keys' bytes, page after page, and behind any key", async () => {
    const { store } = await opened();
    const names = Array.from({ length: 1010 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
    // UTF-16 would have the last two the other way round.
    const odd = ["many/A", "many/a", "many/ü", "many/\ufffd", "many/\u{1f600}"];
    const keys = [...names, ...odd].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (let at = 0; at < keys.length; at += 50) {
      const some = keys.slice(at, at + 50);
      await Promise.all(some.map((key) => store.put(key, bodyOf(key), settings, never)));
    }
    await store.put("other", bodyOf("other"), settings, never);
    expect(await listed(store, "many/")).toEqual(keys);
    expect(await listed(store, "many/00")).toEqual(keys.filter((key) => key.startsWith("many/00")));
    for (const at of [0, 3, 4, 999, 1005, keys.length - 1]) {
      expect(await listed(store, "many/", keys[at])).toEqual(keys.slice(at + 1));
    }
    expect(await listed(store, "many/", "many/0500x")).toEqual(keys.filter((key) => key > "many/0500"));
    expect(await listed(store, "none/")).toEqual([]);
  });

  test("does not read on in an object that was replaced, or that is not there", async () => {
    const { store } = await opened();
    await store.put("key", bodyOf("first"), settings, never);
    const first = (await store.head("key", never))?.version ?? "";
    await store.put("key", bodyOf("other"), { ...settings, onlyNew: false }, never);
    expect(await codeOf(digestOf(store.read("key", first, 0, never)))).toBe("bucket.object-changed");
    expect(await codeOf(digestOf(store.read("key", first, 2, never)))).toBe("bucket.object-changed");
    expect(await codeOf(digestOf(store.read("gone", first, 0, never)))).toBe("bucket.object-changed");
  });

  test("leaves nothing behind where it only tries", async () => {
    const { subject, store } = await opened();
    await store.tryReading("", never);
    await store.tryWriting("folder/try", never);
    expect(await listed(store, "")).toEqual([]);
    expect(await subject.unfinished()).toEqual([]);
    await store.put("folder/object", bodyOf("x"), settings, never);
    await store.tryReading("folder/", never);
    await store.tryWriting("folder/object", never);
    expect(await listed(store, "")).toEqual(["folder/object"]);
    expect(await subject.unfinished()).toEqual([]);
  });

  test("says that there is no such bucket", async () => {
    const subject = await make();
    const store = await subject.openMissing();
    onTestFinished(() => store.close());
    expect(await codeOf(store.tryReading("", never))).toBe("bucket.no-bucket");
    expect(await codeOf(listed(store, ""))).toBe("bucket.no-bucket");
    expect(await codeOf(store.put("key", bodyOf("x"), settings, never))).toBe(traits.missingBucketWrite);
    expect(await codeOf(store.tryWriting("key", never))).toBe(traits.missingBucketWrite);
  });

  test("stops when it is told to, and leaves nothing half done", async () => {
    const { subject, store } = await opened();
    const reason = new Error("stopped by the test");
    const early = AbortSignal.abort(reason);
    await expect(store.put("key", bodyOf("x"), settings, early)).rejects.toBe(reason);
    await expect(store.head("key", early)).rejects.toBe(reason);
    await expect(listed(store, "", undefined, early)).rejects.toBe(reason);
    const stop = new AbortController();
    const body = patternBody(LARGE_BYTES);
    const stopping = {
      ...body,
      read: async (start: number, end: number) => {
        if (start > 8 * 1024 * 1024) stop.abort(reason);
        return await body.read(start, end);
      },
    };
    await expect(store.put("large", stopping, settings, stop.signal)).rejects.toBe(reason);
    expect(await store.head("large", never)).toBeUndefined();
    expect(await subject.unfinished()).toEqual([]);
    await store.put("large", body, settings, never);
    const version = (await store.head("large", never))?.version ?? "";
    const reading = new AbortController();
    const read = async () => {
      for await (const _ of store.read("large", version, 0, reading.signal)) reading.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
  });

  test("lets a reader leave, and goes on by the same connections", async () => {
    const { store } = await opened();
    const body = patternBody(LARGE_BYTES);
    await store.put("large", body, settings, never);
    const version = (await store.head("large", never))?.version ?? "";
    for (let i = 0; i < 60; i++) {
      for await (const _ of store.read("large", version, 0, never)) break;
    }
    expect(await digestOf(store.read("large", version, 0, never))).toBe(body.sha256);
  });
}

async function listed(
  store: ObjectStore,
  prefix: string,
  after?: string,
  signal = never,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, after, signal)) keys.push(key);
  return keys;
}

async function textOf(store: ObjectStore, key: string, version = ""): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key, version, 0, never)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}
