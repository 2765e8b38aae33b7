// Events that are records and not lines: framed by their source, told apart in the outputs, and named by their offsets.
import { describe, expect, test } from "vitest";
import type { BatchResult, RefusedRecord } from "../../../../runner/kernel/kernel.ts";
import { openKernel } from "../../../../runner/kernel/open-kernel.ts";
import { plansOf, rigOf, specOf } from "../../../kit/kernel-rig.ts";
import { MemoryKeys } from "../../../kit/memory-keys.ts";

const program = `contract visit as "acme/visit/1.0.0" {
  session: string @key
  person: string? @pii(1)
  levels: int[] @consent
}
source visits of visit from stdin
encrypt visits into safe
decrypt safe into known for granular(1)
sink safe into stdout
sink known into file { path = "known.jsonl" }
sink visits into file { path = "raw.jsonl", exposing = "a test" }`;

const events = [
  '{"session":"a","person":"p\\u0041","levels":[1]}',
  '{"session":"b","person":"q","levels":[]}',
  '{"session":"a","levels":[1]}',
];

/** Runs records through the kernel of the program, with every output framed. */
async function run(
  values: readonly string[],
  refused: readonly RefusedRecord[] = [],
): Promise<BatchResult & { readonly input: Buffer }> {
  const plan = plansOf(program)[0]!;
  const framed = {
    ...plan,
    streams: plan.streams.map((stream) => ({
      ...stream,
      outputs: stream.outputs.map((output) => ({ ...output, framed: true })),
    })),
  };
  const kernel = await openKernel(specOf(framed));
  const bytes = Uint8Array.from(Buffer.from(values.join("")));
  let end = 0;
  const ends = Int32Array.from(values, (value) => (end += Buffer.byteLength(value)));
  const records = {
    ends,
    offsets: Float64Array.from(values, (_, i) => 2 ** 40 + i),
    timesMs: Float64Array.from(values, (_, i) => 1_700_000_000_000 + i),
    refused,
  };
  const batch = { bytes, origin: "clicks/3", firstLine: 0, offsetBytes: 0, readTimeMs: 0, records };
  const result = kernel.emit(new MemoryKeys(plan).resolve(kernel.scan(batch)));
  return { ...result, input: Buffer.from(bytes) };
}

/** Each event of a stream, with the record it came from and its key link. */
function framed(result: BatchResult, stream: string) {
  const { bytes, frames } = result.outputs.find((output) => output.stream === stream)!;
  const { ends, records, timesMs, linkEnds, links } = frames!;
  return [...ends].map((end, i) => ({
    value: Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end)).toString(),
    record: records[i],
    timeMs: timesMs[i],
    link: Buffer.from(links.subarray(linkEnds[i - 1] ?? 0, linkEnds[i])).toString(),
  }));
}

describe("records", () => {
  test("each event is told apart, with its record and its key link", async () => {
    const result = await run(events);
    const safe = framed(result, "safe");
    expect(safe.map(({ record }) => record)).toEqual([0, 1, 2]);
    for (const { value, link, timeMs } of safe) {
      expect(JSON.parse(value).strmMeta.timestamp).toBe(timeMs);
      expect(value.endsWith("}\n")).toBe(true);
      expect(JSON.parse(value).strmMeta.keyLink).toBe(link);
    }
    expect(safe[0]!.link).toBe(safe[2]!.link);
    expect(safe[0]!.link).not.toBe(safe[1]!.link);
    expect(framed(result, "known").map(({ record }) => record)).toEqual([0, 2]);
    expect(framed(result, "visits").map(({ link }) => link)).toEqual(["", "", ""]);
  });

  test("the time that the source gives a record is the event's, where it carries none", async () => {
    const [first, second] = framed(await run(events), "safe").map(({ value }) => JSON.parse(value).strmMeta);
    expect([first.timestamp, second.timestamp]).toEqual([1_700_000_000_000, 1_700_000_000_001]);
    expect(first.nonce).not.toBe(second.nonce);
  });

  test("a record over several lines becomes one line, and one that is refused stays as it was", async () => {
    const spread = '{\n  "session": "a",\r\n  "levels": [\n1]\n}\n';
    const broken = '{"session":"a\nb","levels":[1]}';
    const result = await run([spread, broken]);
    expect(framed(result, "visits").map(({ value }) => value)).toEqual([
      '{\t  "session": "a",\r\t  "levels": [\t1]\t}\n',
    ]);
    const [refusal] = result.rejected;
    expect(refusal).toMatchObject({ code: "event.control-character", offset: 2 ** 40 + 1 });
    expect(result.input.subarray(refusal!.start, refusal!.end).toString()).toBe(broken);
  });

  test("what the source refuses, and records without anything in them, are rejected with their offsets", async () => {
    const refused = [{ record: 1, code: "event.no-value", reason: "The message has no value." } as const];
    const result = await run([events[0]!, "", "", events[1]!], refused);
    expect(result.rejected.map(({ code, offset }) => [code, offset])).toEqual([
      ["event.no-value", 2 ** 40 + 1],
      ["event.not-json", 2 ** 40 + 2],
    ]);
    expect(result.tally[0]).toMatchObject({ in: 4, out: 2, rejected: 2 });
    expect(framed(result, "safe").map(({ record }) => record)).toEqual([0, 3]);
  });

  test("lines are framed, too", async () => {
    const { plan } = await rigOf(program);
    expect(plan.streams.flatMap(({ outputs }) => outputs)).toEqual(
      Array.from({ length: 3 }, () => ({ format: "json", form: "json", framed: false })),
    );
  });
});
