// Each route keeps the promise its two ends allow, and says why.
import { expect, test } from "vitest";
import { deliveryOf, recoveryOf } from "../../../dsl/spec/delivery.ts";

test.each([
  ["exact", "exact", "exactly-once"],
  ["exact", "repeats", "at-least-once"],
  ["loses", "exact", "at-most-once"],
  ["loses", "repeats", "at-most-once"],
] as const)("a source that is %s, a sink that is %s: %s", (from, to, promise) => {
  const delivery = deliveryOf(
    { kind: from, why: "the source says why" },
    { kind: to, why: "the sink says why." },
  );
  expect(delivery.promise).toBe(promise);
  expect(delivery.reason).toMatch(/ The source says why\. The sink says why\.$/);
});

test("options as the program states them decide which entry holds", () => {
  const recovery = [
    { kind: "exact", why: "it is sent again", when: { resend: true, parts: ["a"] } },
    { kind: "loses", why: "it is gone" },
  ] as const;
  expect(recoveryOf(recovery, { resend: true, parts: ["a"], more: 1 }).kind).toBe("exact");
  for (const options of [{}, { resend: true }, { resend: { $env: "RESEND" }, parts: ["a"] }]) {
    expect(recoveryOf(recovery, options).kind).toBe("loses");
  }
});
