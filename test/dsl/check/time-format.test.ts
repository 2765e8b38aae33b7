// Formats that Luxon reads whole dates with are taken, and what it would misread is refused.
import { expect, test } from "vitest";
import { faultOfTimeFormat, isTimeZone } from "../../../dsl/check/time-format.ts";

test.each([
  "iso",
  "yyyy-MM-dd HH:mm:ss",
  "dd.MM.yy",
  "d LLL yyyy 'at' h:mm a",
  "yyyy-ooo",
  "X",
  "yyyyMMddHHmmssSSS",
  "kkkk-'W'WW-c",
])("%s", (format) => {
  expect(faultOfTimeFormat(format)).toBeUndefined();
});

test.each([
  ["YYYY-MM-DD", "Did you mean `yyyy`?"],
  ["yyyy-MM-DD", "Did you mean `dd`?"],
  ["HH:mm", "Write a whole date"],
  ["yyyy-MM", "Write a whole date"],
  ["EEE HH:mm", "Write a whole date"],
  ["'W'WW-c", "Write a whole date"],
  ["yyyy-MM-dd X", 'Write format = "X"'],
  ["kkkk", "Write a whole date"],
  ["", "Write a whole date"],
  ["yyyy-MM-ddTHH:mm", "Plain letters stand in single quotes"],
])("%s", (format, help) => {
  expect(faultOfTimeFormat(format)?.help).toContain(help);
});

test("zones are IANA names", () => {
  expect(["UTC", "Europe/Amsterdam", "America/New_York"].every(isTimeZone)).toBe(true);
  expect(["Amsterdam", "", "CEST+2", "Europe/Nowhere"].some(isTimeZone)).toBe(false);
});
