// Records of refused events say where the first of them stands, so that sinks which name things by places don't take two for one.
import { expect, test } from "vitest";
import type { Detail } from "../../../runner/connectors/delivery.ts";
import { type RecordTaker, writePiece, writeRejections } from "../../../runner/engine/rejections.ts";
import type { Rejection } from "../../../runner/kernel/kernel.ts";

const seal = () => Promise.resolve("sealed");

function takerInto(details: (Detail | undefined)[]): RecordTaker {
  return {
    exposing: false,
    write: async (_bytes, _events, detail) => {
      details.push(detail);
    },
  };
}

function rejectionAt(i: number, place: Partial<Rejection>): Rejection {
  return {
    step: "visits",
    code: "event.not-json",
    reason: "No.",
    line: 0,
    offsetBytes: 0,
    start: i,
    end: i + 1,
    ...place,
  };
}

const batch = {
  bytes: new Uint8Array(200),
  origin: "visits.jsonl",
  firstLine: 1,
  offsetBytes: 0,
  readTimeMs: 7,
};

test("each write has the line of its first record, or its offset", async () => {
  for (const name of ["line", "offset"]) {
    const details: (Detail | undefined)[] = [];
    const rejections = Array.from({ length: 40 }, (_, i) => rejectionAt(i, { [name]: 100 + 2 * i }));
    await writeRejections(rejections, batch, [takerInto(details)], seal);
    expect(details.map((detail) => detail?.from)).toEqual([
      { origin: "visits.jsonl", firstLine: 100, readTimeMs: 7 },
      { origin: "visits.jsonl", firstLine: 164, readTimeMs: 7 },
    ]);
  }
});

test("a piece of a line has the line's place, and a time", async () => {
  const details: (Detail | undefined)[] = [];
  const piece = { origin: "visits.jsonl", line: 9, offsetBytes: 50, last: false, bytes: new Uint8Array(3) };
  await writePiece("visits", { ...piece, piece: 2 }, [takerInto(details)], seal);
  expect(details[0]?.from).toMatchObject({ origin: "visits.jsonl", firstLine: 9 });
  expect(details[0]?.from?.readTimeMs).toBeGreaterThan(Date.UTC(2020, 0));
});
