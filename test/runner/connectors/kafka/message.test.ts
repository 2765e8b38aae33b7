// Events become messages: value, key and headers.
import { describe, expect, test } from "vitest";
import type { Carried, FramedDetail } from "../../../../runner/connectors/delivery.ts";
import {
  type MessageOptions,
  Messages,
  type TakeMessage,
} from "../../../../runner/connectors/kafka/message.ts";

const link = "00000000-0000-4000-8000-000000000001";

/** Events of records 1, 0, … that all have the same key link, or none. */
function detailOf(events: readonly string[], links = true, carried?: readonly Carried[]): FramedDetail {
  let end = 0;
  return {
    frames: {
      ends: Int32Array.from(events, (event) => (end += Buffer.byteLength(event))),
      records: Int32Array.from(events, (_, i) => events.length - 1 - i),
      timesMs: new Float64Array(events.length),
      linkEnds: Int32Array.from(events, (_, i) => (links ? (i + 1) * link.length : 0)),
      links: Uint8Array.from(Buffer.from(links ? link.repeat(events.length) : "")),
    },
    ...(carried && { carried }),
  };
}

const options: MessageOptions = {
  key: "link",
  headers: "all",
  stream: "safe",
  contract: "acme/clicks/1.0.0",
  format: "json",
  prefix: new Uint8Array(0),
};

const own = [
  ["strm-contract", "acme/clicks/1.0.0"],
  ["strm-stream", "safe"],
];

/** Messages as texts. */
function made(events: readonly string[], detail: FramedDetail, more: Partial<MessageOptions> = {}) {
  return taken((take) =>
    new Messages({ ...options, ...more }).each(Buffer.from(events.join("")), detail, take),
  );
}

function taken(each: (take: TakeMessage) => void) {
  const messages: ReturnType<typeof textsOf>[] = [];
  each((...message) => messages.push(textsOf(...message)));
  return messages;
}

function textsOf(...[key, value, headers, timestampMs]: Parameters<TakeMessage>) {
  return {
    key: key && Buffer.from(key).toString(),
    value: Buffer.from(value).toString(),
    headers: headers.map((header) => [header.name, header.value && Buffer.from(header.value).toString()]),
    timestampMs,
  };
}

const carried: readonly Carried[] = [
  { key: Buffer.from("zero"), headers: [{ name: "trace", value: Buffer.from("t0") }], timestampMs: 10 },
  {
    key: Buffer.from("one"),
    headers: [
      { name: "trace", value: null },
      { name: "strm-stream", value: Buffer.from("forged") },
      { name: "user", value: Buffer.from("u") },
    ],
    timestampMs: 11,
  },
];
const events = ['{"a":1}\n', '{"a":"b","c":{"d":null}}\n'];

describe("a message", () => {
  test("has the event without its line end, its key link, and the source's time", () => {
    const [first, second] = made(events, detailOf(events, true, carried));
    expect(first).toMatchObject({ key: link, value: '{"a":1}', timestampMs: 11 });
    expect(second).toMatchObject({ key: link, value: '{"a":"b","c":{"d":null}}', timestampMs: 10 });
  });

  test("passes headers on, but none that says what is ours to say", () => {
    const [first, second] = made(events, detailOf(events, true, carried));
    expect(first?.headers).toEqual([["trace", null], ["user", "u"], ...own]);
    expect(second?.headers).toEqual([["trace", "t0"], ...own]);
    expect(made(events, detailOf(events, true, carried), { headers: "none" })[0]?.headers).toEqual(own);
    expect(made(events, detailOf(events, true, carried), { headers: ["user"] })[0]?.headers).toEqual([
      ["user", "u"],
      ...own,
    ]);
  });

  test.each<[MessageOptions["key"], boolean, readonly (string | null)[]]>([
    ["link", false, ["one", "zero"]],
    ["source", true, ["one", "zero"]],
    ["none", true, [null, null]],
    ["a", true, ["1", "b"]],
    ["c.d", true, [null, null]],
    ["c", true, [null, '{"d":null}']],
    ["__proto__", true, [null, null]],
  ])("key = %s, sealed: %s", (key, links, keys) => {
    expect(made(events, detailOf(events, links, carried), { key }).map((message) => message.key)).toEqual(
      keys,
    );
  });

  test("without a source's record has no key of its own and the time of writing", () => {
    const before = Date.now();
    const [first] = made(events, detailOf(events, false));
    expect(first?.key).toBeNull();
    expect(first?.timestampMs).toBeGreaterThanOrEqual(before);
  });

  test("begins with the prefix, and a datum is not cut", () => {
    const prefix = Uint8Array.of(0, 0, 0, 0, 7);
    const messages = new Messages({ ...options, format: "avro", prefix });
    const [first] = taken((take) => messages.each(Buffer.from("ab"), detailOf(["a", "b"]), take));
    expect(first?.value).toBe("\0\0\0\0\x07a");
  });

  test("of refused events and of keys is a line", () => {
    const lines = taken((take) => new Messages(options).eachLine(Buffer.from('{"a":1}\n{"b":2}\n'), take));
    expect(lines.map(({ value }) => value)).toEqual(['{"a":1}', '{"b":2}']);
    expect(lines.every(({ key }) => key === null)).toBe(true);
  });
});
