// Compiles a program and runs its kernel over lines, without a run around it: what went in, what came out of each stream.
import type { Kernel, KernelSpec, Rejection, StepTally } from "../../runner/kernel/kernel.ts";
import { openKernel } from "../../runner/kernel/open-kernel.ts";
import { compilePlans } from "../../runner/plan/compile-plans.ts";
import type { SourcePlan } from "../../runner/plan/plan.ts";
import { plansToRun } from "../../runner/plan/plan-job.ts";
import { compileTexts } from "./compile-file.ts";
import { MemoryKeys } from "./memory-keys.ts";

export interface KernelRun {
  /** The lines of each written stream, without their ends. */
  readonly streams: Readonly<Record<string, readonly string[]>>;
  readonly rejected: readonly Rejection[];
  readonly tally: Readonly<Record<string, Omit<StepTally, "step">>>;
  readonly subjects: readonly string[];
}

export interface Rig {
  readonly plan: SourcePlan;
  readonly keys: MemoryKeys;
  readonly kernel: Kernel;
  /** Strings are lines without an end; bytes are taken as they are. `batchLines`: how many go into a batch. */
  run(input: readonly string[] | Uint8Array, batchLines?: number): KernelRun;
}

export const readTimeMs = Date.UTC(2026, 10, 23, 12);
export const maskSeed = "hi-there";

export interface RigOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Keys that another rig's kernel made are known. */
  readonly store?: MemoryKeys;
  /** The plan as it was compiled, and not as a run would execute it. */
  readonly plain?: boolean;
  readonly maxLinks?: number;
}

/** Plans of a program as a run would execute them, or plain ones; throws where it has an error. */
export function plansOf(
  program: string,
  { files = {}, plain = false }: RigOptions = {},
): readonly SourcePlan[] {
  const { graph, diagnostics } = compileTexts({ "main.strm": program, ...files });
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return plain ? compilePlans(graph) : plansToRun(graph);
}

/** All that a kernel of the plan needs, as it arrives in a thread. */
export function specOf(plan: SourcePlan, maxLinks = 1000): KernelSpec {
  const secrets = {
    nonces: new Map(plan.keyed.map(({ step }) => [step, new Uint8Array(32)])),
    maskSeeds: new Map(plan.masks.map(({ step }) => [step, maskSeed])),
  };
  return structuredClone({ plan, secrets, maxLinks });
}

/** The kernel of a program's first source. */
export async function rigOf(program: string, options: RigOptions = {}): Promise<Rig> {
  const plan = plansOf(program, options)[0]!;
  const keys = new MemoryKeys(plan, options.store);
  const kernel = await openKernel(specOf(plan, options.maxLinks));
  const run = (input: readonly string[] | Uint8Array, batchLines = Number.POSITIVE_INFINITY): KernelRun => {
    const bytes =
      input instanceof Uint8Array
        ? Buffer.from(input)
        : Buffer.from(input.map((line) => `${line}\n`).join(""));
    const streams: Record<string, string[]> = {};
    const rejected: Rejection[] = [];
    const tally: Record<string, Omit<StepTally, "step">> = {};
    const subjects: string[] = [];
    let offsetBytes = 0;
    let firstLine = 1;
    do {
      const { end, lines } = linesEnd(bytes, offsetBytes, batchLines);
      const batch = {
        bytes: Uint8Array.from(bytes.subarray(offsetBytes, end)),
        origin: "in.jsonl",
        firstLine,
        offsetBytes,
        readTimeMs,
      };
      const result = kernel.emit(keys.resolve(kernel.scan(batch)));
      // From here on the batch is whoever's: no result may depend on it.
      batch.bytes.fill(0xaa);
      for (const { stream, bytes: written, events } of result.outputs) {
        const text = Buffer.from(written).toString();
        const found = text === "" ? [] : text.slice(0, -1).split("\n");
        if (found.length !== events)
          throw new Error(`${stream} counts ${events} events in ${found.length} lines`);
        streams[stream] = [...(streams[stream] ?? []), ...found];
        // A result starts where its buffer does, and the buffer may come back with anything in it.
        if (written.byteOffset !== 0) throw new Error(`${stream} does not start at its buffer's start`);
        kernel.recycle(new Uint8Array(written.buffer).fill(0x22).buffer);
      }
      // Positions within the batch, turned to positions within all that was given.
      for (const each of result.rejected) {
        rejected.push({ ...each, start: each.start + offsetBytes, end: each.end + offsetBytes });
      }
      for (const { step, ...counts } of result.tally) {
        const before = tally[step] ?? { in: 0, out: 0, withheld: 0, rejected: 0 };
        tally[step] = {
          in: before.in + counts.in,
          out: before.out + counts.out,
          withheld: before.withheld + counts.withheld,
          rejected: before.rejected + counts.rejected,
        };
      }
      subjects.push(...result.subjects.map(({ value }) => value));
      firstLine += lines;
      offsetBytes = end;
    } while (offsetBytes < bytes.length);
    return { streams, rejected, tally, subjects };
  };
  return { plan, keys, kernel, run };
}

function linesEnd(
  bytes: Buffer,
  start: number,
  count: number,
): { readonly end: number; readonly lines: number } {
  let end = start;
  let lines = 0;
  while (lines < count && end < bytes.length) {
    const found = bytes.indexOf(10, end);
    end = found < 0 ? bytes.length : found + 1;
    lines++;
  }
  return { end, lines };
}
