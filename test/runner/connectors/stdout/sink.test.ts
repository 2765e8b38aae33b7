// Standard output takes what its reader reads, and says when there is none.
import { spawn } from "node:child_process";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { openStdout } from "../../../../runner/connectors/stdout/sink.ts";
import { sinkConformance } from "../../../conformance/sink.ts";
import { sinkContext } from "../../../kit/contexts.ts";

const open = (stdout: NodeJS.WritableStream) => openStdout({}, sinkContext("/", { streams: { stdout } }));

describe("the stdout sink", () => {
  sinkConformance(async () => {
    const taken: Buffer[] = [];
    const stdout = new Writable({
      write: (chunk: Buffer, _, done) => {
        taken.push(Buffer.from(chunk));
        setImmediate(done);
      },
    });
    return { sink: await open(stdout), visible: async () => Buffer.concat(taken), atomic: false };
  });

  test("waits for a slow reader", async () => {
    const stdout = new PassThrough({ highWaterMark: 10 });
    const sink = await open(stdout);
    let taken = false;
    const writing = sink.write(Buffer.alloc(1000), 1).then(() => sink.write(Buffer.alloc(1000), 1));
    void writing.then(() => {
      taken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).toBe(false);
    stdout.resume();
    await writing;
  });

  test("fails clearly when the reader goes away", async () => {
    const child = spawn("true");
    const sink = await open(child.stdin);
    await new Promise((resolve) => child.on("close", resolve));
    await expect(
      (async () => {
        for (let i = 0; i < 100; i++) await sink.write(Buffer.alloc(100_000), 1);
      })(),
    ).rejects.toMatchObject({ code: "stdout.closed" });
    await sink.abort();
  });

  test("fails where the run's own output needs it", async () => {
    await expect(openStdout({}, sinkContext("/"))).rejects.toMatchObject({ code: "stdout.taken" });
  });
});
