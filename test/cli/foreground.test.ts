// Whether a process is its terminal's job in front, as Linux tells it.
import { expect, test } from "vitest";
import { isInFront } from "../../cli/foreground.ts";

test("a process is in front where its group is the terminal's, whatever its name", () => {
  expect(isInFront("71 (node) S 70 71 71 34816 71 4194304 1 2")).toBe(true);
  expect(isInFront("71 (a ) S 1 1 1 1 1) S 70 71 60 34816 60 4194304")).toBe(false);
  expect(isInFront("71 (node) S 70 71 71 0 -1 4194304")).toBe(false);
});
