// What a run asks of its key stores, and how long its kernels work, as progress tells it.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CountedStore, KeyCallSums } from "../../../runner/engine/key-calls.ts";
import { BATCH_LINES } from "../../../runner/formats/buffers.ts";
import { emptyFolder, writeFiles } from "../../kit/folder.ts";
import { MemoryStore } from "../../kit/memory-store.ts";
import { runProgram } from "../../kit/run-program.ts";

describe("a store that is counted", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("adds up calls by kind, with the time until each has settled, and those that fail", async () => {
    const sums = new KeyCallSums();
    class Slow extends MemoryStore {
      override async byName() {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return [];
      }
      override purge(): Promise<number> {
        return Promise.reject(new Error("away"));
      }
    }
    const store = new CountedStore(new Slow(), sums);
    const both = Promise.all([store.byName(["a"]), store.byName(["b"])]);
    await vi.advanceTimersByTimeAsync(30);
    await both;
    await expect(store.purge(1)).rejects.toThrow("away");
    await store.setting("name", new Uint8Array());
    expect(sums.sums()).toEqual([
      { call: "find", calls: 2, failed: 0, took_ms: 60 },
      { call: "purge", calls: 1, failed: 1, took_ms: 0 },
    ]);
  });
});

const program = `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  person: string   @subject @pii(1)
  consents: int[]  @consent
}
keys vault in sqlite { retain = 30d }
source people of person from file { path = "in.jsonl" }
encrypt people into safe
sink safe into file { path = "safe.jsonl" }
`;
const opening = `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  person: string   @subject @pii(1)
  consents: int[]  @consent
}
keys vault in sqlite
source safe of sealed person from file { path = "safe.jsonl" }
decrypt safe into some for granular(0)
sink some into file { path = "some.jsonl" }
`;
const people = Array.from(
  { length: 5000 },
  (_, i) => `${JSON.stringify({ session: `s-${i % 50}`, person: `p-${i}`, consents: [0] })}\n`,
).join("");

test.each([1, 2])("a run with %s workers tells its calls and the work of its kernels", async (workers) => {
  const folder = emptyFolder();
  writeFiles(folder, { "a.strm": program, "b.strm": opening, "in.jsonl": people });
  const lastOf = async (file: string) => {
    const { events, finished } = await runProgram(folder, file, { workers });
    expect(finished.outcome).toBe("completed");
    const last = events.findLast((event) => event.type === "progress");
    const calls = last?.key_calls.map(({ call, failed }) => [call, failed]);
    const checkpoint = events.find((event) => event.type === "checkpoint");
    return { calls, kernels: last?.kernels, finished, tookMs: checkpoint?.took_ms ?? -1 };
  };
  const { calls, kernels, finished, tookMs } = await lastOf("a.strm");
  expect(calls).toEqual([
    ["purge", 0],
    ["find_or_make", 0],
    ["note_subjects", 0],
  ]);
  expect(kernels?.batches).toBe(Math.ceil(5000 / BATCH_LINES));
  expect(kernels?.worked_ms).toBeGreaterThan(0);
  expect(kernels?.worked_ms).toBeLessThanOrEqual(workers * finished.ledger.elapsed_ms);
  expect(tookMs).toBeGreaterThanOrEqual(0);
  expect(tookMs).toBeLessThanOrEqual(finished.ledger.elapsed_ms);

  expect((await lastOf("b.strm")).calls).toEqual([["find", 0]]);
});
