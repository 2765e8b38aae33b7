// Compiles a program and runs its kernel over lines, without a run around it: what went in, what came out of each stream.
import type { Rejection, StepTally } from "../../runner/kernel/kernel.ts";
import { loadReadTime } from "../../runner/kernel/read-time.ts";
import { createReferenceKernel } from "../../runner/kernel/reference/kernel.ts";
import { compilePlans } from "../../runner/plan/compile-plans.ts";
import type { SourcePlan } from "../../runner/plan/plan.ts";
import { createMask } from "../../runner/privacy/masks.ts";
import { compileTexts } from "./compile-file.ts";
import { MemoryKeys } from "./memory-keys.ts";

export interface KernelRun {
  /** The lines of each written stream, without their ends. */
  readonly streams: Readonly<Record<string, readonly string[]>>;
  readonly rejected: readonly Rejection[];
  readonly tally: Readonly<Record<string, Omit<StepTally, "step">>>;
  readonly subjects: readonly string[];
  /** Key links by step, each once a batch. */
  readonly used: readonly string[];
}

export interface Rig {
  readonly plan: SourcePlan;
  readonly keys: MemoryKeys;
  /** Strings are lines without an end; bytes are taken as they are. `batchLines`: how many go into a batch. */
  run(input: readonly string[] | Uint8Array, batchLines?: number): KernelRun;
}

export const readTimeMs = Date.UTC(2026, 10, 23, 12);
export const maskSeed = "hi-there";

/** Plans of a program; throws where it has an error. */
export function plansOf(
  program: string,
  files: Readonly<Record<string, string>> = {},
): readonly SourcePlan[] {
  const { graph, diagnostics } = compileTexts({ "main.strm": program, ...files });
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return compilePlans(graph);
}

/** The kernel of a program's first source. `store`: keys that another rig's kernel made are known. */
export async function rigOf(
  program: string,
  options: { readonly files?: Readonly<Record<string, string>>; readonly store?: MemoryKeys } = {},
): Promise<Rig> {
  const plan = plansOf(program, options.files)[0]!;
  const keys = new MemoryKeys(plan, options.store);
  const kernel = createReferenceKernel(plan, {
    keys,
    nonceSecret: () => new Uint8Array(32),
    mask: () => createMask("murmur3", maskSeed),
    readTime: await loadReadTime(plan),
  });
  const run = (input: readonly string[] | Uint8Array, batchLines = Number.POSITIVE_INFINITY): KernelRun => {
    const bytes =
      input instanceof Uint8Array
        ? Buffer.from(input)
        : Buffer.from(input.map((line) => `${line}\n`).join(""));
    const streams: Record<string, string[]> = {};
    const rejected: Rejection[] = [];
    const tally: Record<string, Omit<StepTally, "step">> = {};
    const subjects: string[] = [];
    const used: string[] = [];
    let offsetBytes = 0;
    let firstLine = 1;
    do {
      const { end, lines } = linesEnd(bytes, offsetBytes, batchLines);
      const batch = {
        bytes: bytes.subarray(offsetBytes, end),
        origin: "in.jsonl",
        firstLine,
        offsetBytes,
        readTimeMs,
      };
      const scan = kernel.scan(batch);
      const result = scan.emit(keys.resolve(scan.wants));
      for (const { stream, bytes: written, events } of result.outputs) {
        const text = Buffer.from(written).toString();
        const found = text === "" ? [] : text.slice(0, -1).split("\n");
        if (found.length !== events)
          throw new Error(`${stream} counts ${events} events in ${found.length} lines`);
        streams[stream] = [...(streams[stream] ?? []), ...found];
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
      used.push(...result.used.map(({ step, keys: each }) => `${step} ${each.keyLink}`));
      firstLine += lines;
      offsetBytes = end;
    } while (offsetBytes < bytes.length);
    return { streams, rejected, tally, subjects, used };
  };
  return { plan, keys, run };
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
