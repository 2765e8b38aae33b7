// A run's memory stays within its bound, however much it reads and however slow its sinks are.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { slowReaderProgram } from "../bench/cases/programs.ts";
import { atRandom, demoEvents } from "../bench/data/events.ts";
import { emptyFolder, writeFiles } from "../kit/folder.ts";
import { watchMemory } from "../kit/peak-memory.ts";

const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));

/** Some 95 MB, and more than that sealed: what is not held back shows. */
const EVENTS = 300_000;
const boundBytes = (workers: number): number => (120 + 32 * workers) * 1e6;

test.skipIf(!existsSync("/proc/self/status")).each([1, 2])(
  "with %i workers, and a reader that rests",
  async (workers) => {
    const folder = emptyFolder();
    writeFiles(folder, { "pipeline.strm": slowReaderProgram("in.jsonl") });
    await pipeline(
      Readable.from(demoEvents(EVENTS, atRandom(1000))),
      createWriteStream(join(folder, "in.jsonl")),
    );
    const child = spawn(
      process.execPath,
      [bin, "run", join(folder, "pipeline.strm"), "--workers", String(workers)],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const peak = watchMemory(child.pid);
    let lines = 0;
    let rested = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
      if (lines > (rested + 1) * 60_000) {
        rested++;
        child.stdout.pause();
        void sleep(700).then(() => child.stdout.resume());
      }
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    expect({ code, lines }).toEqual({ code: 0, lines: EVENTS });
    expect(rested).toBeGreaterThan(3);
    expect(peak()).toBeLessThan(boundBytes(workers));
  },
  120_000,
);
