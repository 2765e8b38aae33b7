// The kernel alone over a file, `kernel-process.ts PROGRAM DATA EVENTS`: no engine, no sinks, no threads. Prints what its work took.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { BATCH_BYTES } from "../../../runner/formats/buffers.ts";
import { openKernel } from "../../../runner/kernel/open-kernel.ts";
import { plansOf, specOf } from "../../kit/kernel-rig.ts";
import { MemoryKeys } from "../../kit/memory-keys.ts";

export interface KernelTimes {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** As large as those of a run. */
const batchBytes = BATCH_BYTES;
/** More than the sessions of the demo workload. */
const maxLinks = 4000;
const readTimeMs = Date.UTC(2026, 10, 23, 12);

const [program = "", data = "", events = ""] = process.argv.slice(2);
const plan = plansOf(readFileSync(program, "utf8"))[0]!;
const keys = new MemoryKeys(plan);
const kernel = await openKernel(specOf(plan, maxLinks));
let cpuMicros = 0;
let wallMs = 0;
let passed = 0;
let offsetBytes = 0;
for (const bytes of batchesOf(data)) {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const wants = kernel.scan({ bytes, origin: data, firstLine: passed + 1, offsetBytes, readTimeMs });
  const result = kernel.emit(keys.resolve(wants));
  for (const output of result.outputs) kernel.recycle(output.bytes.buffer);
  const { user, system } = process.cpuUsage(before);
  cpuMicros += user + system;
  wallMs += performance.now() - startMs;
  offsetBytes += bytes.length;
  passed += result.tally[0]!.out;
}
if (passed !== Number(events)) throw new Error(`the kernel passed on ${passed} of ${events} events`);
const times: KernelTimes = { wallMs, cpuMs: cpuMicros / 1000 };
process.stdout.write(JSON.stringify(times));

/** Whole lines, in one buffer that each batch uses again; the file's last line must end. */
function* batchesOf(path: string): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const file = openSync(path, "r");
  const buffer = new Uint8Array(batchBytes);
  let rest = 0;
  for (;;) {
    const length = rest + readSync(file, buffer, rest, batchBytes - rest, null);
    if (length === rest) break;
    const end = buffer.lastIndexOf(10, length - 1) + 1;
    yield buffer.subarray(0, end);
    buffer.copyWithin(0, end, length);
    rest = length - end;
  }
  closeSync(file);
}
