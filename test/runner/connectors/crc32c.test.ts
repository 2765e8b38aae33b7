// The checksum of Kafka's record batches and of Google Cloud Storage, against published values and bit by bit.
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "../../../runner/connectors/crc32c.ts";

test.each([
  // RFC 3720, appendix B.4; the last is the check value of the CRC catalogues.
  ["32 zeros", Buffer.alloc(32), 0x8a9136aa],
  ["32 ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
  ["ascending", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["descending", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ["123456789", Buffer.from("123456789"), 0xe3069283],
])("%s", (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test("is the same wherever the bytes lie", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(20), (bytes, before, behind) => {
      const memory = new Uint8Array(before + bytes.length + behind).fill(7);
      memory.set(bytes, before);
      expect(crc32c(memory, before, before + bytes.length)).toBe(bitwise(bytes));
      expect(crc32c(memory.subarray(before, before + bytes.length))).toBe(bitwise(bytes));
    }),
  );
});

test("goes on where bytes come in pieces", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (one, other) => {
      const first = crc32c(one);
      expect(crc32c(other, 0, other.length, first)).toBe(bitwise(Uint8Array.from([...one, ...other])));
    }),
  );
});

function bitwise(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
