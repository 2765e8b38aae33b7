// A kernel over many batches: bounded in the links it holds, which changes no byte, and strict about whose turn it is.
import { describe, expect, test } from "vitest";
import type { Batch } from "../../../../runner/kernel/kernel.ts";
import { type Rig, readTimeMs, rigOf } from "../../../kit/kernel-rig.ts";
import { personContract, personPipeline } from "../../../kit/person.ts";
import { seeded } from "../../../kit/random.ts";

function batchOf(...lines: readonly string[]): Batch {
  const bytes = Uint8Array.from(Buffer.from(lines.map((line) => `${line}\n`).join("")));
  return { bytes, origin: "in.jsonl", firstLine: 1, offsetBytes: 0, readTimeMs };
}

const line = (session: string, email = "e") => `{"session":"${session}","email":"${email}","consents":[1]}`;
const asked = ({ keys }: Rig) => keys.asked.map((want) => want.kind === "value" && want.value);

describe("with fewer links than sessions pass", () => {
  const random = seeded(3);
  const lines = Array.from({ length: 1500 }, () => line(`s${random.below(200)}`, `e${random.below(5)}`));

  test.each([1, 2, 30, 200])("a bound of %i changes nothing that is written", async (maxLinks) => {
    const [roomy, bounded] = [await rigOf(personPipeline()), await rigOf(personPipeline(), { maxLinks })];
    expect(bounded.run(lines, 25)).toEqual(roomy.run(lines, 25));
    // What does not fit is asked for again, and what fits is not.
    expect(asked(roomy).length).toBe(200);
    if (maxLinks < 200) expect(asked(bounded).length).toBeGreaterThan(400);
    else expect(asked(bounded)).toEqual(asked(roomy));
  });

  test("a batch with more sessions than the bound is sealed with one question for each", async () => {
    const of = await rigOf(personPipeline(), { maxLinks: 3 });
    const many = Array.from({ length: 500 }, (_, i) => line(`s${i % 100}`));
    const { streams } = of.run(many);
    expect(asked(of)).toEqual(Array.from({ length: 100 }, (_, i) => `s${i}`));
    const links = streams.safe?.map((each) => JSON.parse(each).strmMeta.keyLink);
    expect(new Set(links).size).toBe(100);
    expect(links?.slice(0, 100)).toEqual(links?.slice(100, 200));
  });
});

test("keys whose window closed are forgotten between batches, and not within one", async () => {
  const of = await rigOf(`${personContract("at: long? @time")}
    encrypt people into safe { rotate = daily }
    sink safe into file { path = "safe.jsonl" }`);
  const { kernel, keys } = of;
  const dayMs = 86_400_000;
  const batch = () => batchOf(`{"session":"s","at":0}`, `{"session":"s","at":${dayMs}}`);
  const first = kernel.emit(keys.resolve(kernel.scan(batch())));
  expect(kernel.scan(batch())).toEqual([]);
  kernel.forget(dayMs);
  const second = kernel.emit([]);
  expect(second).toEqual({ ...first, subjects: [] });
  expect(kernel.scan(batch())).toEqual([{ kind: "value", step: "safe", value: "s", timeMs: 0 }]);
  expect(kernel.emit(keys.resolve([{ kind: "value", step: "safe", value: "s", timeMs: 0 }]))).toEqual(second);
  kernel.forget(2 * dayMs);
  expect(kernel.scan(batch()).length).toBe(2);
});

describe("a batch", () => {
  test("is scanned, then emitted once", async () => {
    const { kernel, keys } = await rigOf(personPipeline());
    expect(() => kernel.emit([])).toThrow("no batch");
    const links = keys.resolve(kernel.scan(batchOf(line("a"))));
    expect(() => kernel.emit([...links, ...links])).toThrow("as many key links");
    expect(kernel.emit(links).outputs.map(({ events }) => events)).toEqual([1, 0]);
    expect(() => kernel.emit(links)).toThrow("no batch");
  });

  test("that was given up leaves nothing to the next one", async () => {
    const { kernel, keys, run } = await rigOf(personPipeline());
    kernel.scan(batchOf(line("a"), line("b"), "{"));
    const links = keys.resolve(kernel.scan(batchOf(line("c"))));
    const { outputs, rejected } = kernel.emit(links);
    expect(rejected).toEqual([]);
    expect(outputs.map(({ bytes }) => Buffer.from(bytes).toString().split("\n").slice(0, -1))).toEqual([
      run([line("c")]).streams.safe,
      [],
    ]);
  });
});

test("a destroyed kernel works no more", async () => {
  const { kernel, keys } = await rigOf(personPipeline());
  kernel.emit(keys.resolve(kernel.scan(batchOf(line("a")))));
  kernel.scan(batchOf(line("a")));
  kernel.destroy();
  expect(() => kernel.emit([])).toThrow("no batch");
  expect(() => kernel.scan(batchOf(line("a")))).toThrow("destroyed");
});
