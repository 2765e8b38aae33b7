// A listing that is out of order is no listing that one can go on in.
import { expect, test } from "vitest";
import { inOrder } from "../../../../runner/connectors/objects/in-order.ts";
import { codeOf } from "../../../kit/failures.ts";

async function keysOf(...keys: readonly string[]): Promise<readonly string[]> {
  const objects = async function* () {
    for (const key of keys) yield { key, sizeBytes: 1, version: "1" };
  };
  const given: string[] = [];
  for await (const { key } of inOrder(objects(), "test://bucket")) given.push(key);
  return given;
}

test("keys ascend by their bytes in UTF-8, not by those in UTF-16", async () => {
  const keys = ["a", "a-b", "a/b", "a0", "\ufffd", "\u{1f600}"];
  expect(await keysOf(...keys)).toEqual(keys);
});

test.each([
  ["folders before names", ["a/b", "a-b"]],
  ["the same key twice", ["a", "a"]],
  ["the order of UTF-16", ["\u{1f600}", "\ufffd"]],
])("%s is refused", async (_, keys) => {
  expect(await codeOf(keysOf(...keys))).toBe("bucket.refused");
});
