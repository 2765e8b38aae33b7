// Standard input is read to its end, left when the run stops, and skipped where it comes again.
import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Positions } from "../../../../runner/connectors/delivery.ts";
import { openStdin } from "../../../../runner/connectors/stdin/source.ts";
import type { Buffers } from "../../../../runner/formats/buffers.ts";
import { type SourceTraits, sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { seeded } from "../../../kit/random.ts";
import { linesIn, Taken } from "../../../kit/taken.ts";

const MAX_EVENT_BYTES = 100_000;

/** In chunks as a pipe may give them. */
function pipeOf(bytes: Uint8Array, seed = 1): Readable {
  const random = seeded(seed);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(random.below(4) === 0 ? 200_000 : 5000);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return Readable.from(chunks);
}

const open = (
  resend: boolean,
  text: string | Uint8Array,
  more: { resume?: Positions; buffers?: Buffers } = {},
) =>
  openStdin(
    { resend },
    sourceContext("/", {
      streams: { stdin: pipeOf(Buffer.from(text)) },
      maxEventBytes: MAX_EVENT_BYTES,
      ...more,
    }),
  );

/** To the end. */
async function read(resend: boolean, text: string, resume: Positions = new Map()): Promise<Taken> {
  const taken = new Taken();
  const source = await open(resend, text, { resume });
  for await (const item of source.items(new AbortController().signal)) taken.take(item);
  await source.close();
  return taken;
}

/** Lines of all lengths, the last without its end; one is over the bound. */
function someBytes(): Buffer {
  const random = seeded(8);
  const lines = Array.from(
    { length: 400 },
    (_, i) => `${i} ${"x".repeat(random.below(random.below(9) === 0 ? 90_000 : 50))}`,
  );
  return Buffer.from(`\ufeff${lines.join("\r\n")}\r\n${"y".repeat(350_000)}\nlast`);
}

function expectedOf(bytes: Buffer) {
  const mark = 3;
  return linesIn("stdin", bytes.subarray(mark)).map((line) => ({
    ...line,
    offsetBytes: line.offsetBytes + mark,
  }));
}

const waiting: SourceTraits["waiting"] = async () => {
  const stdin = new PassThrough();
  stdin.write("a\nb\nc");
  return {
    source: await openStdin({ resend: false }, sourceContext("/", { streams: { stdin } })),
    texts: ["a", "b"],
  };
};

describe("the stdin source", () => {
  const bytes = someBytes();
  const made = (resend: boolean) => async () => ({
    open: (resume: Positions, buffers: Buffers) => open(resend, bytes, { resume, buffers }),
    expected: expectedOf(bytes),
  });

  describe("with `resend`", () => sourceConformance(made(true), { resumes: true, waiting }));
  describe("without", () => sourceConformance(made(false), { resumes: false, waiting }));

  test("fails where there is none", async () => {
    await expect(openStdin({ resend: false }, sourceContext("/"))).rejects.toMatchObject({
      code: "stdin.absent",
    });
  });

  test("takes stdin for one step alone", async () => {
    const claimed: string[] = [];
    const context = sourceContext("/", {
      streams: { stdin: pipeOf(Buffer.from("")) },
      claim: (place) => claimed.push(place),
    });
    await openStdin({ resend: false }, context);
    expect(claimed).toEqual(["stdin"]);
  });

  test("without `resend`, takes what comes for new, and counts on", async () => {
    const { positions } = await read(false, "a\nb");
    const { lines } = await read(false, "\ufeffa\nb\n", positions);
    expect(lines).toEqual([
      { origin: "stdin", line: 3, offsetBytes: 6, text: "a" },
      { origin: "stdin", line: 4, offsetBytes: 8, text: "b" },
    ]);
  });

  test("with `resend`, goes on behind what was read, also where that ended without a line end", async () => {
    const { positions } = await read(true, "a\nb");
    expect((await read(true, "a\nb", positions)).lines).toEqual([]);
    expect((await read(true, "a\nb\n", positions)).lines).toEqual([]);
    expect((await read(true, "a\nb\nc\n", positions)).lines).toEqual([
      { origin: "stdin", line: 3, offsetBytes: 4, text: "c" },
    ]);
  });

  test.each([
    ["differs at its start", "x\nb\nc\n"],
    ["differs at its end", "a\nx\nc\n"],
    ["ends early", "a\n"],
    ["is empty", ""],
    ["goes on in the last line", "a\nbc\n"],
  ])("with `resend`, refuses input that %s, and gives nothing of it", async (_, text) => {
    const { positions } = await read(true, "a\nb");
    const source = await open(true, text, { resume: positions });
    const taken = new Taken();
    const reading = (async () => {
      for await (const item of source.items(new AbortController().signal)) taken.take(item);
    })();
    await expect(reading).rejects.toMatchObject({ code: "stdin.other" });
    await source.close();
    expect(taken.lines).toEqual([]);
  });

  test("with `resend`, a stop while it skips is no early end", async () => {
    const { positions } = await read(true, "a\nb\n");
    const stdin = new PassThrough();
    stdin.write("a\n");
    const source = await openStdin(
      { resend: true },
      sourceContext("/", { streams: { stdin }, resume: positions }),
    );
    for await (const _ of source.items(AbortSignal.timeout(50)));
    await source.close();
    expect(stdin.destroyed).toBe(true);
  });

  test("passes on what breaks the pipe", async () => {
    const stdin = Readable.from(
      (async function* () {
        yield Buffer.from("a\n");
        throw new Error("broken");
      })(),
    );
    const source = await openStdin({ resend: false }, sourceContext("/", { streams: { stdin } }));
    const taken = new Taken();
    await expect(
      (async () => {
        for await (const item of source.items(new AbortController().signal)) taken.take(item);
      })(),
    ).rejects.toThrow("broken");
    expect(taken.texts).toEqual(["a"]);
    await source.close();
  });
});
