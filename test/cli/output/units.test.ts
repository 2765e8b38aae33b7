// Numbers are written as people group them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { count, printable } from "../../../cli/output/units.ts";

test("whole numbers are grouped as the system does it in English", () => {
  const numbers = fc.oneof(fc.nat({ max: 1_000_000 }), fc.maxSafeNat(), fc.integer());
  fc.assert(
    fc.property(numbers, (value) => {
      expect(count(value)).toBe(value.toLocaleString("en-US"));
    }),
  );
});

test("nothing that steers a terminal gets through", () => {
  expect(printable("a\u001b[2Jb\u202ec\n")).toBe("a\ufffd[2Jb\ufffdc\ufffd");
  expect(printable("a\u2028b\u200bc\ufeffd\u{e0061}e\ud800f")).toBe("a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf");
  expect(printable("naïve 日本 😀")).toBe("naïve 日本 😀");
});
