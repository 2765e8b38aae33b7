// Standard output takes what its reader reads, and says when there is none.
import { spawn } from "node:child_process";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import { openStdout } from "../../../../runner/connectors/stdout/sink.ts";
import { cutOf, finish, sinkConformance, stored } from "../../../conformance/sink.ts";
import { sinkContext } from "../../../kit/contexts.ts";

const open = (stdout: NodeJS.WritableStream, resume?: Json, header = "") =>
  openStdout(
    {},
    sinkContext("/", {
      streams: { stdout },
      header: Buffer.from(header),
      ...(resume !== undefined && { resume }),
    }),
  );

/** A reader that is a little late. */
function reader() {
  const taken: Buffer[] = [];
  const stdout = new Writable({
    write: (chunk: Buffer, _, done) => {
      taken.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  return { stdout, read: () => Buffer.concat(taken) };
}

describe("the stdout sink", () => {
  sinkConformance(
    () => {
      const { stdout, read } = reader();
      return {
        open: (resume) => open(stdout, resume),
        visible: () => (read().length > 0 ? [{ content: read(), sizeBytes: read().length }] : []),
        hidden: () => [],
      };
    },
    { shownBy: "write", exact: false, emptyObjects: 0, reports: true },
  );

  test("begins with the row of column names once, over all runs", async () => {
    const { stdout, read } = reader();
    const first = await open(stdout, undefined, "id\n");
    await first.write(Buffer.from("1\n"), 1);
    const state = stored(await first.prepare(cutOf(1, false)));
    expect(await first.commit()).toEqual({ events: 1, written: [] });
    await first.close();
    const second = await open(stdout, state, "id\n");
    expect(await second.commit()).toEqual({ events: 1, written: [] });
    await second.write(Buffer.from("2\n"), 1);
    await finish(second, 2);
    expect(read().toString()).toBe("id\n1\n2\n");
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
    await sink.close();
  });

  test("fails clearly when the reader goes away, and makes no checkpoint then", async () => {
    const child = spawn("true");
    const sink = await open(child.stdin);
    await new Promise((resolve) => child.on("close", resolve));
    const writing = (async () => {
      for (let i = 0; i < 100; i++) await sink.write(Buffer.alloc(100_000), 1);
    })();
    await expect(writing).rejects.toMatchObject({ code: "stdout.closed" });
    await expect(sink.prepare(cutOf(1, true))).rejects.toMatchObject({ code: "stdout.closed" });
    await sink.close();
  });

  test("fails where the run's own output needs it", async () => {
    await expect(openStdout({}, sinkContext("/"))).rejects.toMatchObject({ code: "stdout.taken" });
  });

  test("takes stdout for one step alone", async () => {
    const claimed: string[] = [];
    const { stdout } = reader();
    await openStdout({}, sinkContext("/", { streams: { stdout }, claim: (place) => claimed.push(place) }));
    expect(claimed).toEqual(["stdout"]);
  });
});
