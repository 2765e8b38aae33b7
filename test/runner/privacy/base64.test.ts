// Base64 in place: equal to Node's when writing, stricter when reading.
import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Length, readBase64, writeBase64 } from "../../../runner/privacy/base64.ts";

function read(text: string): string | undefined {
  const source = Buffer.from(`..${text}.`, "latin1");
  const target = Buffer.alloc(text.length + 10, 0xee);
  const end = readBase64(source, 2, source.length - 1, target, 3);
  expect(target.subarray(0, 3).toString("hex")).toBe("eeeeee");
  return end < 0 ? undefined : target.toString("hex", 3, end);
}

test("writes what Node writes and reads it back, at any place", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const expected = Buffer.from(bytes).toString("base64");
      const target = Buffer.alloc(expected.length + 8, 0xee);
      const end = writeBase64(
        Buffer.concat([Buffer.of(9), bytes, Buffer.of(9)]),
        1,
        1 + bytes.length,
        target,
        4,
      );
      expect(target.toString("latin1", 4, end)).toBe(expected);
      expect(end - 4).toBe(base64Length(bytes.length));
      expect(target.subarray(end).every((byte) => byte === 0xee)).toBe(true);
      expect(read(expected)).toBe(Buffer.from(bytes).toString("hex"));
    }),
  );
});

test("reads one spelling of each text and no other", () => {
  expect(read("")).toBe("");
  expect(read("QQ==")).toBe("41");
  expect(read("QUI=")).toBe("4142");
  const wrong = [
    "Q",
    "QQ",
    "QQ=",
    "QQ===",
    "QQ==QQ==",
    "QR==",
    "QUJ=",
    "Q===",
    "====",
    "=QQ=",
    "QQ=A",
    "Q Q=",
    "QQ\n=",
  ];
  for (const text of [...wrong, "QU-_", "QU\u00c1C", "QQ==\n", " QQ="])
    expect(read(text), text).toBeUndefined();
});

test("accepts a group of four exactly where Node's canonical spelling is the same", () => {
  const letters = ["A", "B", "Q", "/", "+", "z", "9", "=", "-", "\u0000", "\u00ff"];
  for (const a of letters)
    for (const b of letters)
      for (const c of letters)
        for (const d of letters) {
          const text = a + b + c + d;
          const bytes = Buffer.from(text, "base64");
          const canonical = bytes.toString("base64") === text;
          expect(read(text), JSON.stringify(text)).toBe(canonical ? bytes.toString("hex") : undefined);
        }
});
