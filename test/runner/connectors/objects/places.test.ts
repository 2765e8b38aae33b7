// An object is named by where its first event stood: a line, a row's line, or a record's offset.
import { expect, test } from "vitest";
import { placeIn } from "../../../../runner/connectors/objects/places.ts";

const records = {
  ends: Int32Array.of(1, 2),
  offsets: Float64Array.of(100, 150),
  timesMs: Float64Array.of(0, 0),
};
const batch = { origin: "in", readTimeMs: 0 };

test.each([
  ["of lines", { ...batch, firstLine: 7 }, 8],
  ["of records", { ...batch, firstLine: 0, records }, 150],
  ["of rows", { ...batch, firstLine: 0, records: { ...records, lines: Float64Array.of(2, 5) } }, 5],
])("%s", (_, from, place) => {
  expect(placeIn(from, 1)).toBe(place);
});
