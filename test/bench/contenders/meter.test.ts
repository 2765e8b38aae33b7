// Holds what the meter sees of a program: its processor time, its memory, its first output and its failure.
import { describe, expect, test } from "vitest";
import { meter } from "./meter.ts";

const node = (script: string): readonly string[] => [process.execPath, "-e", script];
const busyFor = (cpuMs: number) => `while (process.cpuUsage().user < ${cpuMs} * 1000);`;

describe("meter", () => {
  test("counts the processor time of children that the program waited for", async () => {
    const inner = `require("node:child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(busyFor(400))}])`;
    const { cpuMs } = await meter(node(inner));
    // Some ticks less than the child saw of itself; without the child it would be a fraction.
    expect(cpuMs).toBeGreaterThan(360);
  });

  test("knows the peak of memory", async ({ skip }) => {
    const script = 'require("node:buffer").Buffer.alloc(200e6, 1); setTimeout(() => {}, 500);';
    const { peakBytes } = await meter(node(script));
    if (peakBytes === null) skip("this system does not tell");
    expect(peakBytes).toBeGreaterThan(200e6);
  });

  test("keeps the input open until something comes out", async () => {
    const script =
      'process.stdin.once("data", (chunk) => setTimeout(() => process.stdout.write(`got ${chunk}`), 100)); process.stdin.on("end", () => process.stdout.write(" and the end"));';
    const { stdout, firstOutMs, wallMs } = await meter(node(script), { input: "it" });
    expect(stdout).toBe("got it and the end");
    expect(firstOutMs).toBeGreaterThan(0);
    expect(firstOutMs).toBeLessThan(wallMs);
  });

  test("rejects where the program fails", async () => {
    await expect(meter(["sh", "-c", "echo why >&2; exit 7"])).rejects.toThrow(/ended with 7: why/);
  });
});
