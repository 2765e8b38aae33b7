// What every store of objects must do where the network fails it: nothing is lost, doubled or cut short, and nothing waits for ever.
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type ObjectStore, type PutSettings, SHA256_KEY } from "../../runner/connectors/objects/store.ts";
import { TransientFailure } from "../../runner/failure.ts";
import { type FaultRule, type HttpFault, HttpProxy } from "../kit/http-proxy.ts";
import { patternBody } from "../kit/object-bodies.ts";
import { StallingProxy } from "../kit/stalling-proxy.ts";
import type { StoreAnswer } from "../kit/store-answers.ts";
import { digestOf } from "./object-store.ts";

export interface FaultySubject {
  /** Of the server itself. */
  readonly endpoint: string;
  /** A client for the bucket by way of this address, which takes so much silence for a failure. */
  open(endpoint: string, silenceMs: number): Promise<ObjectStore>;
  /** What is half uploaded to the bucket, by whatever name. */
  unfinished(): Promise<readonly string[]>;
}

/** A kind of request, and what makes one. */
export interface RequestKind {
  readonly name: string;
  readonly match: Pick<FaultRule, "method" | "path">;
  readonly work: keyof typeof works;
  /** Bytes go up with it. */
  readonly sends?: true;
  /** It opens what only its answer lets one close; a rule of the bucket's does that in the end. */
  readonly opens?: true;
}

export interface FaultTraits {
  readonly kinds: readonly RequestKind[];
  readonly slowDown: StoreAnswer;
}

const never = new AbortController().signal;
const settings: PutSettings = { contentType: "text/plain", metadata: {}, onlyNew: true };
const SMALL_BYTES = 300_000;
const LARGE_BYTES = 3 * 8 * 1024 * 1024 + 4321;
const SILENCE_MS = 1000;
const small = patternBody(SMALL_BYTES);
const large = patternBody(LARGE_BYTES);

/** What is done under a fault by `faulty`, and shown to be whole by `sound`. */
const works = {
  put: async (faulty: ObjectStore, sound: ObjectStore, key: string) => {
    await expectPut(faulty, sound, key, small);
  },
  putLarge: async (faulty: ObjectStore, sound: ObjectStore, key: string) => {
    await expectPut(faulty, sound, key, large);
  },
  head: async (faulty: ObjectStore, sound: ObjectStore, key: string) => {
    await sound.put(key, small, settings, never);
    expect((await faulty.head(key, never))?.metadata[SHA256_KEY]).toBe(small.sha256);
  },
  list: async (faulty: ObjectStore, sound: ObjectStore, key: string) => {
    await sound.put(`${key}/object`, small, settings, never);
    const keys: string[] = [];
    for await (const object of faulty.list(`${key}/`, undefined, never)) keys.push(object.key);
    expect(keys).toEqual([`${key}/object`]);
  },
  read: async (faulty: ObjectStore, sound: ObjectStore, key: string) => {
    await sound.put(key, small, settings, never);
    const version = (await sound.head(key, never))?.version ?? "";
    expect(await digestOf(faulty.read(key, version, 0, never))).toBe(small.sha256);
  },
  tryWriting: async (faulty: ObjectStore, sound: ObjectStore, key: string) => {
    await faulty.tryWriting(key, never);
    expect(await sound.head(key, never)).toBeUndefined();
  },
} as const;

async function expectPut(
  faulty: ObjectStore,
  sound: ObjectStore,
  key: string,
  body: typeof small,
): Promise<void> {
  const outcome = await faulty.put(key, body, settings, never);
  const there = await sound.head(key, never);
  expect(["written", "exists"]).toContain(outcome);
  expect(there).toMatchObject({ sizeBytes: body.sizeBytes, metadata: { [SHA256_KEY]: body.sha256 } });
  expect(await digestOf(sound.read(key, there?.version ?? "", 0, never))).toBe(body.sha256);
}

/** `make` gives one bucket for all tests. */
export function objectStoreFaults(
  make: () => Promise<FaultySubject>,
  { kinds, slowDown }: FaultTraits,
): void {
  let subject: FaultySubject;
  let key = 0;
  beforeAll(async () => {
    subject = await make();
  });

  const opened = async (silenceMs = SILENCE_MS) => {
    const proxy = await HttpProxy.to(subject.endpoint);
    const faulty = await subject.open(proxy.endpoint, silenceMs);
    const sound = await subject.open(subject.endpoint, 30_000);
    onTestFinished(async () => {
      await Promise.all([faulty.close(), sound.close(), proxy.close()]);
    });
    return { proxy, faulty, sound, key: `faults/${++key}` };
  };

  const once: readonly (readonly [string, HttpFault])[] = [
    ["breaks before it is heard", "reset"],
    ["is done, and its answer lost", "lose reply"],
    ["is never answered", "black hole"],
  ];
  const cases = kinds.flatMap((kind) => {
    const cut: typeof once = kind.sends ? [["is cut half-way", { cutAfterBytes: 100_000 }]] : [];
    return [...once, ...cut].map(([how, fault]) => ({ kind, how, fault }));
  });
  test.each(cases)("$kind.name that $how is made good", async ({ kind, fault }) => {
    const { proxy, faulty, sound, key } = await opened();
    const met = proxy.fault({ ...kind.match, how: fault });
    await works[kind.work](faulty, sound, key);
    expect(met.count).toBe(1);
    const left = (await subject.unfinished()).filter((one) => one === key);
    expect(left).toEqual(kind.opens && fault === "lose reply" ? [key] : []);
  });

  test.each(kinds)("$name that is asked to slow down waits, and is done", async ({ match, work }) => {
    const { proxy, faulty, sound, key } = await opened();
    const fault = proxy.fault({ ...match, how: { answer: slowDown }, times: 3 });
    await works[work](faulty, sound, key);
    expect(fault.count).toBe(3);
  });

  test("waits for a store that refuses connections for a moment", async () => {
    const { proxy, faulty, sound, key } = await opened();
    await proxy.refuse();
    const putting = works.put(faulty, sound, key);
    setTimeout(() => void proxy.accept(), 400);
    await putting;
  });

  test("reads on where connections break in the middle of an object", async () => {
    const { proxy, faulty, sound, key } = await opened();
    await sound.put(key, large, settings, never);
    const version = (await sound.head(key, never))?.version ?? "";
    let breaks = 0;
    let readBytes = 0;
    const read = async function* () {
      for await (const chunk of faulty.read(key, version, 0, never)) {
        readBytes += chunk.length;
        if (breaks < 3 && readBytes > (breaks + 1) * 4_000_000) {
          breaks++;
          await proxy.refuse();
          await proxy.accept();
        }
        yield chunk;
      }
    };
    expect(await digestOf(read())).toBe(large.sha256);
    expect(breaks).toBe(3);
    expect(proxy.asked.filter((one) => one.startsWith("GET")).length).toBe(4);
  });

  test("reads on where a store falls silent in the middle of an object", async () => {
    const { sound, key } = await opened();
    const proxy = await new StallingProxy(Number(new URL(subject.endpoint).port), 5_000_000).listen();
    const faulty = await subject.open(`http://127.0.0.1:${proxy.port}`, SILENCE_MS);
    onTestFinished(async () => {
      await Promise.all([faulty.close(), proxy.close()]);
    });
    await sound.put(key, large, settings, never);
    const version = (await sound.head(key, never))?.version ?? "";
    expect(await digestOf(faulty.read(key, version, 0, never))).toBe(large.sha256);
    expect(proxy.stalls).toBe(1);
  });

  test("takes a slow link for what it is, and not for silence", async () => {
    const { proxy, faulty, sound, key } = await opened();
    await sound.put(key, large, settings, never);
    const version = (await sound.head(key, never))?.version ?? "";
    const slow = proxy.fault({ method: "GET", how: { bytesPerSecond: LARGE_BYTES / 3 }, times: Infinity });
    expect(await digestOf(faulty.read(key, version, 0, never))).toBe(large.sha256);
    expect(slow.count).toBe(1);
  });

  test.concurrent.each<HttpFault>(["reset", "black hole"])(
    "gives up after some seconds where every request meets: %s",
    async (how) => {
      const proxy = await HttpProxy.to(subject.endpoint);
      const faulty = await subject.open(proxy.endpoint, SILENCE_MS);
      const sound = await subject.open(subject.endpoint, 30_000);
      proxy.fault({ how, times: Number.POSITIVE_INFINITY });
      const lost = `lost/${String(how)}`;
      const tries = [
        faulty.put(lost, small, settings, never),
        faulty.put(`${lost}/large`, large, settings, never),
        faulty.head(lost, never),
        faulty.tryReading("", never),
        faulty.tryWriting(lost, never),
      ];
      for (const outcome of await Promise.allSettled(tries)) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { code: "bucket.unreachable" } });
        expect(outcome.status === "rejected" && outcome.reason).toBeInstanceOf(TransientFailure);
      }
      expect(proxy.asked.length).toBeGreaterThan(tries.length);
      await faulty.close();
      await proxy.close();
      expect(await sound.head(lost, never)).toBeUndefined();
      expect(await sound.head(`${lost}/large`, never)).toBeUndefined();
      await sound.close();
    },
  );
}
