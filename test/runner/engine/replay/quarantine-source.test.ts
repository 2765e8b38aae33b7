// Refused events come out of the quarantine as they went in: with their places, one step's alone, long lines in pieces again.
import { describe, expect, test } from "vitest";
import type { Positions } from "../../../../runner/connectors/delivery.ts";
import { Quarantine } from "../../../../runner/engine/quarantine.ts";
import { writePiece, writeRejections } from "../../../../runner/engine/rejections.ts";
import type { QuarantineFile } from "../../../../runner/engine/replay/quarantine-files.ts";
import { QuarantineSource } from "../../../../runner/engine/replay/quarantine-source.ts";
import type { Rejection } from "../../../../runner/kernel/kernel.ts";
import { sourceConformance } from "../../../conformance/source.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { seeded } from "../../../kit/random.ts";
import { type Line, Taken } from "../../../kit/taken.ts";

const STEP = "clicks";
const seal = async (bytes: Uint8Array) => `sealed:${Buffer.from(bytes).toString("base64url")}`;
const open = async (jwe: string) => Buffer.from(jwe.slice(7), "base64url");

interface Made {
  readonly files: readonly QuarantineFile[];
  /** What the step has refused. */
  readonly lines: readonly Line[];
}

/** As two runs leave it, with events of another step in between. Lines over `pieceBytes` came in pieces of that size. */
async function madeBy(pieceBytes: number): Promise<Made> {
  const [folder, random] = [emptyFolder(), seeded(4)];
  const files: QuarantineFile[] = [];
  const lines: Line[] = [];
  for (const run of ["first", "second"]) {
    const quarantine = await Quarantine.open(folder, run);
    const taker = { exposing: false, write: quarantine.write.bind(quarantine) };
    for (let i = 0; i < 40; i++) {
      const text = `${run} ${i} ${"é".repeat(random.below(300))}`;
      const bytes = new Uint8Array(Buffer.from(text));
      const place = { line: 3 * i + 1, offsetBytes: 10_000 * i };
      const step = random.below(3) === 0 ? "safe" : STEP;
      if (bytes.length > pieceBytes) {
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          const last = at + pieceBytes >= bytes.length;
          const piece = {
            origin: run,
            ...place,
            piece: at / pieceBytes + 1,
            last,
            bytes: bytes.slice(at, at + pieceBytes),
          };
          await writePiece(step, piece, [taker], seal);
        }
      } else {
        const rejection: Rejection = {
          step,
          code: "event.wrong-type",
          reason: "It is.",
          ...place,
          start: 0,
          end: bytes.length,
        };
        const batch = {
          bytes,
          origin: run,
          firstLine: place.line,
          offsetBytes: place.offsetBytes,
          readTimeMs: 0,
        };
        await writeRejections([rejection], batch, [taker], seal);
      }
      if (step === STEP) lines.push({ origin: run, ...place, text: Buffer.from(bytes).toString("latin1") });
    }
    const state = await quarantine.prepare();
    await quarantine.close();
    const sizeBytes =
      typeof state === "object" && state !== null && "size_bytes" in state ? Number(state.size_bytes) : 0;
    files.push({ run, path: quarantine.path, sizeBytes, writtenMs: 0 });
  }
  return { files, lines };
}

const sourceOf = ({ files }: Made, maxEventBytes: number, resume: Positions = new Map()) =>
  new QuarantineSource({ step: STEP, files, open, maxEventBytes, resume });

describe("the quarantine source", () => {
  describe.each([
    ["lines", 10_000, 10_000],
    ["pieces that stay pieces", 100, 100],
    ["pieces that become lines", 100, 10_000],
    ["pieces, some of which become lines", 100, 250],
  ])("with %s", (_, pieceBytes, maxEventBytes) => {
    sourceConformance(
      async () => {
        const made = await madeBy(pieceBytes);
        return { open: async (resume) => sourceOf(made, maxEventBytes, resume), expected: made.lines };
      },
      { resumes: true },
    );
  });

  test.each([
    ["in pieces", 10],
    ["whole", 1000],
  ])("gives what was a row, and none of its lines, %s", async (_, maxEventBytes) => {
    const quarantine = await Quarantine.open(emptyFolder(), "first");
    const taker = { exposing: false, write: quarantine.write.bind(quarantine) };
    const place = { line: 7, offsetBytes: 70 };
    const text = 'a,"b\nc\n"x\n,d';
    for (const [i, part] of [text.slice(0, 6), text.slice(6)].entries()) {
      const bytes = new Uint8Array(Buffer.from(part));
      const piece = { origin: "in.csv", ...place, row: true as const, piece: i + 1, last: i === 1, bytes };
      await writePiece(STEP, piece, [taker], seal);
    }
    await quarantine.prepare();
    await quarantine.close();
    const files = [
      { run: "first", path: quarantine.path, sizeBytes: Number.POSITIVE_INFINITY, writtenMs: 0 },
    ];
    const taken = new Taken();
    const codes: string[] = [];
    for await (const item of sourceOf({ files, lines: [] }, maxEventBytes).items(
      new AbortController().signal,
    )) {
      const { content } = item;
      if (content.kind === "batch")
        codes.push(...(content.batch.records?.refused ?? []).map(({ code }) => code));
      else codes.push(...(content.piece.row === true ? ["a row"] : ["a line"]));
      taken.take(item);
    }
    expect(taken.lines).toEqual([{ origin: "in.csv", ...place, text }]);
    expect(codes).toEqual(maxEventBytes === 10 ? ["a row", "a row"] : ["event.row-too-large"]);
  });

  test("reads no further than a checkpoint holds", async () => {
    const made = await madeBy(100);
    const cut = made.files.map((file) => ({ ...file, sizeBytes: Math.floor(file.sizeBytes / 2) }));
    const taken = new Taken();
    for await (const item of sourceOf({ ...made, files: cut }, 100).items(new AbortController().signal))
      taken.take(item);
    expect(taken.lines.length).toBeGreaterThan(10);
    expect(taken.lines.length).toBeLessThan(made.lines.length - 10);
  });
});
