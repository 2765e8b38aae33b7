// Every charset that a program may name is one that can be read.
import { expect, test } from "vitest";
import { charsets } from "../../../../runner/formats/csv/csv-options.ts";

test.each(charsets)("%s can be decoded", (charset) => {
  expect(new TextDecoder(charset).decode(new Uint8Array(0))).toBe("");
});
