// What a key ring remembers: each answer to its own request, bounded, and no value in clear.
import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { LinkSecret } from "../../../runner/kernel/kernel.ts";
import type { KeySpace, RingRequest } from "../../../runner/privacy/key-ring.ts";
import { LinkMemory } from "../../../runner/privacy/link-memory.ts";

const space: KeySpace = {
  contract: "acme/clicks/1.0.0",
  scheme: "purpose_bound",
  rotate: { kind: "span", spanMs: 10 },
};
const ofValue = (value: string | null, timeMs = 0, within = space): RingRequest => ({
  kind: "value",
  space: within,
  value,
  timeMs,
});
const newLink = (startMs = 0): LinkSecret => ({
  keyLink: randomUUID(),
  startMs,
  endMs: startMs + 10,
  secret: new Uint8Array(randomBytes(32)),
});

test("tells values, spaces, windows and names apart", () => {
  const memory = new LinkMemory(100);
  memory.begin();
  const name = randomUUID();
  const requests: readonly RingRequest[] = [
    ofValue("a"),
    ofValue("b"),
    ofValue(""),
    ofValue(null),
    ofValue("-"),
    ofValue("+a"),
    ofValue("a", 10),
    ofValue("a", -10),
    ofValue("a", 0, { ...space, scheme: "strm" }),
    ofValue("a", 0, { ...space, contract: "acme/clicks/2.0.0" }),
    ofValue(name),
    { kind: "link", keyLink: name },
    { kind: "link", keyLink: randomUUID() },
  ];
  const links = requests.map((request) => newLink(request.kind === "value" ? request.timeMs : 0));
  requests.forEach((request, i) => {
    expect(memory.find(request)).toBeUndefined();
    memory.add(request, links[i]!);
    // What came first stays: equal requests of a batch have one answer.
    memory.add(request, newLink());
  });
  expect(requests.map((request) => memory.find(request))).toEqual(links);
  // A space is its contract and scheme: steps that rotate otherwise share the windows that there are.
  expect(memory.find(ofValue("a", 3, { ...space, rotate: { kind: "daily" } }))).toEqual(links[0]);
});

test("hands out copies and keeps one", () => {
  const memory = new LinkMemory(100);
  const link = newLink();
  const secret = Buffer.from(link.secret);
  memory.add(ofValue("a"), link);
  link.secret.fill(0);
  memory.find(ofValue("a"))?.secret.fill(0);
  expect(Buffer.from(memory.find(ofValue("a"))?.secret ?? [])).toEqual(secret);
});

test("holds so many links at most, whatever passes through", () => {
  const memory = new LinkMemory(500);
  const link = newLink();
  for (let i = 0; i < 50_000; i++) {
    if (i % 100 === 0) memory.begin();
    memory.add(ofValue(`session-${i}`), link);
  }
  let held = 0;
  for (let i = 0; i < 50_000; i++) if (memory.find(ofValue(`session-${i}`)) !== undefined) held++;
  expect(held).toBe(500);
});

test("forgets the links whose window closed, and in the end all", () => {
  const memory = new LinkMemory(100);
  for (const startMs of [0, 10, 20]) memory.add(ofValue("a", startMs), newLink(startMs));
  memory.note("c", "anna", "link");
  memory.forget(20);
  expect([0, 10, 20].map((timeMs) => memory.find(ofValue("a", timeMs)) !== undefined)).toEqual([
    false,
    false,
    true,
  ]);
  memory.clear();
  expect(memory.find(ofValue("a", 20))).toBeUndefined();
  expect(memory.isNoted("c", "anna", "link")).toBe(false);
});

test("notes a subject for a link and a contract", () => {
  const memory = new LinkMemory(100);
  memory.note("c", "anna", "one");
  expect(memory.isNoted("c", "anna", "one")).toBe(true);
  for (const [contract, value, link] of [
    ["d", "anna", "one"],
    ["c", "bob", "one"],
    ["c", "anna", "two"],
    ["c", "one\0anna", ""],
  ] as const) {
    expect(memory.isNoted(contract, value, link)).toBe(false);
  }
  // Bounded too: it forgets rather than grow.
  for (let i = 0; i < 60_000; i++) memory.note("c", `person ${i}`, "one");
  expect(memory.isNoted("c", "anna", "one")).toBe(false);
  expect(memory.isNoted("c", "person 59999", "one")).toBe(true);
});
