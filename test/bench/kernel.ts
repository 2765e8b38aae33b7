// Measures the reference kernel by itself: microseconds of CPU an event for job E (seal) and job P (seal, open for two).
import { readFileSync } from "node:fs";
import { openKernel } from "../../runner/kernel/open-kernel.ts";
import { demoEvents } from "../kit/demo-events.ts";
import { plansOf, specOf } from "../kit/kernel-rig.ts";
import { MemoryKeys } from "../kit/memory-keys.ts";

const events = Number(process.env.STRM_BENCH_EVENTS ?? 200_000);
const rounds = Number(process.env.STRM_BENCH_ROUNDS ?? 5);
const schema = readFileSync(new URL("../../pipelines/schemas/demo-event.avsc", import.meta.url), "utf8");

const seal = `
contract demo as "strmprivacy/example/1.3.0" from "demo-event.avsc" {
  consistentValue         @key @pii(2)
  uniqueIdentifier        @pii(1)
  someSensitiveValue      @pii(3)
  strmMeta.consentLevels  @consent
  strmMeta.timestamp      @time
}
source events of demo from file { path = "demo.jsonl" }
encrypt events into safe { rotate = daily }
sink safe into file { path = "safe.jsonl" }
`;
const open = `
decrypt safe into one for cumulative(1)
decrypt safe into two for cumulative(2)
sink one into file { path = "one.jsonl" }
sink two into file { path = "two.jsonl" }
`;

async function measure(program: string): Promise<() => number> {
  const plan = plansOf(program, { files: { "demo-event.avsc": schema } })[0]!;
  const keys = new MemoryKeys(plan);
  const kernel = await openKernel(specOf(plan, 10_000));
  return () => {
    let usedMicros = 0;
    let offsetBytes = 0;
    let done = 0;
    for (const chunk of demoEvents(events)) {
      const bytes = Uint8Array.from(chunk);
      const before = process.cpuUsage();
      const wants = kernel.scan({ bytes, origin: "demo", firstLine: done + 1, offsetBytes, readTimeMs: 0 });
      const result = kernel.emit(keys.resolve(wants));
      for (const output of result.outputs) kernel.recycle(output.bytes.buffer);
      const { user, system } = process.cpuUsage(before);
      usedMicros += user + system;
      offsetBytes += bytes.length;
      done += result.tally[0]!.out;
    }
    if (done !== events) throw new Error("some events were refused");
    return usedMicros / events;
  };
}

const jobs = { E: await measure(seal), P: await measure(seal + open) };
const figures: Record<string, number[]> = { E: [], P: [] };
for (let round = 0; round < rounds; round++) {
  for (const [job, run] of Object.entries(jobs)) figures[job]!.push(run());
}
for (const [job, micros] of Object.entries(figures)) {
  const sorted = micros.toSorted((a, b) => a - b);
  const list = micros.map((each) => each.toFixed(2)).join(" ");
  process.stdout.write(`${job}  ${sorted[sorted.length >> 1]!.toFixed(2)} µs an event  (${list})\n`);
}
