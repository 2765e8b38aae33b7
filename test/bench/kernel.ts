// Measures the reference kernel by itself: microseconds of CPU an event for job E (seal) and job P (seal, open for two).
import { readFileSync } from "node:fs";
import { createReferenceKernel } from "../../runner/kernel/reference/kernel.ts";
import { demoEvents } from "../kit/demo-events.ts";
import { plansOf } from "../kit/kernel-rig.ts";
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

function measure(program: string): () => number {
  const plan = plansOf(program, { "demo-event.avsc": schema })[0]!;
  const keys = new MemoryKeys(plan);
  const kernel = createReferenceKernel(plan, {
    keys,
    nonceSecret: () => new Uint8Array(32),
    mask: () => () => 0,
  });
  return () => {
    let usedMicros = 0;
    let offsetBytes = 0;
    let done = 0;
    for (const bytes of demoEvents(events)) {
      const before = process.cpuUsage();
      const scan = kernel.scan({ bytes, origin: "demo", firstLine: done + 1, offsetBytes, readTimeMs: 0 });
      const result = scan.emit(keys.resolve(scan.wants));
      const { user, system } = process.cpuUsage(before);
      usedMicros += user + system;
      offsetBytes += bytes.length;
      done += result.tally[0]!.out;
    }
    if (done !== events) throw new Error("some events were refused");
    return usedMicros / events;
  };
}

const jobs = { E: measure(seal), P: measure(seal + open) };
const figures: Record<string, number[]> = { E: [], P: [] };
for (let round = 0; round < rounds; round++) {
  for (const [job, run] of Object.entries(jobs)) figures[job]!.push(run());
}
for (const [job, micros] of Object.entries(figures)) {
  const sorted = micros.toSorted((a, b) => a - b);
  const list = micros.map((each) => each.toFixed(2)).join(" ");
  process.stdout.write(`${job}  ${sorted[sorted.length >> 1]!.toFixed(2)} µs an event  (${list})\n`);
}
