// Times in texts: the zone's clock with its jumps, and the same moment whenever the text is read.
import { Settings } from "luxon";
import { afterEach, describe, expect, test } from "vitest";
import { loadReadTime } from "../../../runner/kernel/read-time.ts";
import { plansOf } from "../../kit/kernel-rig.ts";

async function reader(format: string, zone?: string) {
  const more = zone === undefined ? "" : `, zone = "${zone}"`;
  const [plan] = plansOf(`contract c as "a/c/1.0.0" {
    k: string @key
    at: string? @time(format = "${format}"${more})
    e: int[]? @consent
  }
  source s of c from stdin
  sink s into stdout`);
  const read = plan && (await loadReadTime(plan));
  if (read === undefined) throw new Error("the plan's times are no texts");
  return (text: string) => {
    const timeMs = read(text);
    return timeMs === undefined ? undefined : new Date(timeMs).toISOString().replace(".000Z", "Z");
  };
}

const present = Settings.now;
afterEach(() => {
  Settings.now = present;
});

/** A clock's jumps happen at other times of the year than today, whenever that is. */
describe.each(["2026-01-05", "2026-07-05", "2031-03-30"])("read on %s", (today) => {
  test.each([
    ["Europe/Amsterdam", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"],
    ["Europe/Amsterdam", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"],
    ["Europe/Amsterdam", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"],
    ["Europe/Amsterdam", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"],
    ["Europe/Amsterdam", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"],
    ["Europe/Amsterdam", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"],
    ["Europe/Amsterdam", "2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"],
    ["Europe/Amsterdam", "2026-10-25T02:30:00Z", "2026-10-25T02:30:00Z"],
    ["Europe/Amsterdam", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"],
    ["America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00Z"],
    ["America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"],
    ["Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z"],
    ["Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00Z"],
    // A whole day is missing.
    ["Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"],
    ["Asia/Kathmandu", "2026-06-01", "2026-05-31T18:15:00Z"],
    ["America/New_York", "1880-01-01T00:00:00", "1880-01-01T04:56:02Z"],
    ["UTC", "2026-03-29T02:30:00", "2026-03-29T02:30:00Z"],
  ])("in %s, %s is %s", async (zone, text, iso) => {
    const read = await reader("iso", zone);
    Settings.now = () => Date.parse(today);
    expect(read(text)).toBe(iso);
  });

  test("other formats read the same, also with an offset or a zone in the text", async () => {
    Settings.now = () => Date.parse(today);
    const plain = await reader("yyyy-MM-dd HH:mm", "Europe/Amsterdam");
    expect(plain("2026-10-25 02:30")).toBe("2026-10-25T00:30:00Z");
    expect(plain("2026-03-29 02:30")).toBe("2026-03-29T01:30:00Z");
    const offset = await reader("yyyy-MM-dd HH:mm ZZ", "Europe/Amsterdam");
    expect(offset("2026-10-25 02:30 +00:00")).toBe("2026-10-25T02:30:00Z");
    const named = await reader("yyyy-MM-dd HH:mm z", "Europe/Amsterdam");
    expect(named("2026-11-01 01:30 America/New_York")).toBe("2026-11-01T05:30:00Z");
    expect(named("2026-10-25 02:30 Etc/UTC")).toBe("2026-10-25T02:30:00Z");
  });
});

test.each(["10:00", "10", "T10:00", "", "tomorrow", "--05-01"])(
  "%s has no date, so that it is no time",
  async (text) => {
    expect((await reader("iso"))(text)).toBeUndefined();
  },
);

test("a year, a month, a week or a day alone is its first moment", async () => {
  const read = await reader("iso", "Europe/Amsterdam");
  expect(["2026", "2026-11", "2026-W05", "2026-032"].map(read)).toEqual([
    "2025-12-31T23:00:00Z",
    "2026-10-31T23:00:00Z",
    "2026-01-25T23:00:00Z",
    "2026-01-31T23:00:00Z",
  ]);
});

test.each([
  ["x", "1792889999123", "2026-10-25T00:59:59.123Z"],
  ["x", "-1", "1969-12-31T23:59:59.999Z"],
  ["X", "1792889999", "2026-10-25T00:59:59Z"],
  ["X", "1792889999.0019", "2026-10-25T00:59:59.001Z"],
  ["X", "0.5", "1970-01-01T00:00:00.500Z"],
  ["X", "1e9", undefined],
  ["x", "12.5", undefined],
  ["x", " 1", undefined],
])("the epoch format %s reads %s, whatever the zone", async (format, text, iso) => {
  expect((await reader(format, "Europe/Amsterdam"))(text)).toBe(iso);
});

test.each(["Europe/Amsterdam", "Australia/Lord_Howe", "Africa/Casablanca"])(
  "every moment of a year in %s comes back from what the clock showed, the first time it did",
  async (zone) => {
    const read = await reader("yyyy-MM-dd HH:mm", zone);
    const clock = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "short",
    });
    const firsts = new Map<string, string>();
    let moments = 0;
    for (let ms = Date.UTC(2026, 0); ms < Date.UTC(2027, 0); ms += 30 * 60_000, moments++) {
      const shown = clock.format(ms);
      if (!firsts.has(shown)) firsts.set(shown, new Date(ms).toISOString().replace(".000Z", "Z"));
    }
    expect([...firsts.keys()].map(read)).toEqual([...firsts.values()]);
    expect(firsts.size).toBeLessThan(moments);
  },
);
