// Links of events: found among those at hand, asked for once where they are missing, and taken up in order.
import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { LinkSecret } from "../../../../runner/kernel/kernel.ts";
import { noLink, wanted } from "../../../../runner/kernel/reference/events.ts";
import { LinkFinder } from "../../../../runner/kernel/reference/link-finder.ts";
import { LinkTable } from "../../../../runner/privacy/link-table.ts";
import { plansOf } from "../../../kit/kernel-rig.ts";
import { personContract } from "../../../kit/person.ts";

const dayMs = 86_400_000;

const program = `${personContract()}
  encrypt people into spans { rotate = 24h }
  encrypt people into days { rotate = daily }
  sink spans into file { path = "spans.jsonl" }
  sink days into file { path = "days.jsonl" }`;
const plan = plansOf(program)[0]!;
const spans = plan.keyed.findIndex(({ step }) => step === "spans");
const days = plan.keyed.findIndex(({ step }) => step === "days");

const linkAt = (startMs: number, endMs: number): LinkSecret => ({
  keyLink: randomUUID(),
  startMs,
  endMs,
  secret: new Uint8Array(randomBytes(32)),
});

function opened() {
  const table = new LinkTable(100, 0, () => {});
  const finder = new LinkFinder(plan, table);
  table.begin();
  finder.wants.begin();
  /** `inside`: what stands between the quotes, escapes and all. */
  const ofValue = (keyed: number, inside: string | null, timeMs: number): number => {
    if (inside === null) return finder.ofValue(keyed, new Uint8Array(0), -1, -1, timeMs);
    const bytes = new Uint8Array(Buffer.from(`{"k":"${inside}"}`));
    return finder.ofValue(keyed, bytes, 6, bytes.length - 2, timeMs);
  };
  const ofLink = (keyed: number, keyLink: string): number => {
    const bytes = new Uint8Array(Buffer.from(keyLink));
    return finder.ofLink(keyed, bytes, 0, bytes.length);
  };
  return { table, finder, ofValue, ofLink };
}

describe("what is missing", () => {
  test("is asked for once, in order, and by its text", () => {
    const { finder, ofValue } = opened();
    const asked = [
      ofValue(spans, "anna", 5),
      ofValue(spans, "bob", 5),
      ofValue(spans, "anna", 5),
      ofValue(spans, null, 5),
      ofValue(spans, "", 5),
      ofValue(spans, null, 5),
      ofValue(days, "anna", 5),
    ];
    expect(asked.map((entry) => wanted - entry)).toEqual([0, 1, 0, 2, 3, 2, 4]);
    expect(finder.wants.list).toEqual([
      { kind: "value", step: "spans", value: "anna", timeMs: 5 },
      { kind: "value", step: "spans", value: "bob", timeMs: 5 },
      { kind: "value", step: "spans", value: null, timeMs: 5 },
      { kind: "value", step: "spans", value: "", timeMs: 5 },
      { kind: "value", step: "days", value: "anna", timeMs: 5 },
    ]);
  });

  test("is the same however its escapes are spelled", () => {
    const { finder, ofValue } = opened();
    const first = ofValue(spans, "Zoë 🎉/", 0);
    for (const spelled of [
      "Zo\\u00eb \\ud83c\\udf89\\/",
      "\\u005a\\u006fë \\uD83C\\uDF89/",
      `${"\\u005a"}oë 🎉/`,
    ])
      expect(ofValue(spans, spelled, 0)).toBe(first);
    const long = "x".repeat(3000);
    const second = ofValue(spans, `${long}\\n`, 0);
    expect(ofValue(spans, `${long}\\u000a`, 0)).toBe(second);
    expect(ofValue(spans, `${long}n`, 0)).not.toBe(second);
    expect(finder.wants.list.map((want) => want.kind === "value" && want.value)).toEqual([
      "Zoë 🎉/",
      `${long}\n`,
      `${long}n`,
    ]);
  });

  test("is asked for a day at a time where windows are days, before 1970 too", () => {
    const { ofValue } = opened();
    const entries = [-1, -dayMs, 0, dayMs - 1, dayMs].map((timeMs) => ofValue(days, "a", timeMs));
    expect(entries.map((entry) => wanted - entry)).toEqual([0, 0, 1, 1, 2]);
  });

  test("is asked for every moment where only the store knows the windows", () => {
    const { ofValue } = opened();
    expect([0, 1, 0, 2].map((timeMs) => wanted - ofValue(spans, "a", timeMs))).toEqual([0, 1, 0, 2]);
  });

  test("is asked for by name, and a name that has a value's text is another want", () => {
    const { finder, ofLink, ofValue } = opened();
    const name = randomUUID();
    expect(wanted - ofLink(spans, name)).toBe(0);
    expect(wanted - ofLink(spans, name)).toBe(0);
    expect(wanted - ofLink(days, name)).toBe(1);
    expect(wanted - ofValue(spans, "a", 0)).toBe(2);
    expect(finder.wants.list.slice(0, 2)).toEqual([
      { kind: "link", step: "spans", keyLink: name },
      { kind: "link", step: "days", keyLink: name },
    ]);
  });
});

describe("answers", () => {
  test("are taken up in order, once for wants with one answer, and are at hand from then on", () => {
    const { table, finder, ofValue } = opened();
    for (const timeMs of [0, 5, 10]) ofValue(spans, "anna", timeMs);
    ofValue(spans, null, 0);
    const [one, two, none] = [linkAt(0, 10), linkAt(10, 20), linkAt(0, 10)];
    const rows = finder.takeUp([one, one, two, none]);
    expect(rows[1]).toBe(rows[0]);
    expect(new Set(rows).size).toBe(3);
    expect(rows.map((row) => table.keyLink(row))).toEqual([one, one, two, none].map((link) => link.keyLink));
    finder.wants.begin();
    expect([0, 9, 10, 19].map((timeMs) => ofValue(spans, "\\u0061nna", timeMs))).toEqual([
      rows[0],
      rows[0],
      rows[2],
      rows[2],
    ]);
    expect(ofValue(spans, null, 3)).toBe(rows[3]);
    expect(finder.wants.list).toEqual([]);
    // Another step's keys are its own, and so is another value's link.
    for (const entry of [ofValue(days, "anna", 0), ofValue(spans, "bob", 0), ofValue(spans, "anna", 20)])
      expect(entry).toBeLessThanOrEqual(wanted);
  });

  test("of links that the store lacks are told from all others, and asked for again", () => {
    const { table, finder, ofLink } = opened();
    const link = linkAt(0, 0);
    ofLink(spans, "unknown");
    ofLink(spans, link.keyLink);
    const [missing, row] = finder.takeUp([undefined, link]);
    expect(missing).toBe(noLink);
    expect(table.link(row!)).toEqual(link);
    finder.wants.begin();
    expect(ofLink(spans, link.keyLink)).toBe(row);
    expect(wanted - ofLink(spans, "unknown")).toBe(0);
  });

  test("must be as many as the questions, and none may be missing for a value", () => {
    const { finder, ofValue } = opened();
    ofValue(spans, "a", 0);
    expect(() => finder.takeUp([])).toThrow("as many key links");
    expect(() => finder.takeUp([linkAt(0, 1), linkAt(0, 1)])).toThrow("as many key links");
    expect(() => finder.takeUp([undefined])).toThrow("no keys");
  });
});
