// The example pipelines run, and what they write is what their words promise.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { strm } from "../kit/cli.ts";
import { copyOfPipelines, linesOf } from "../kit/folder.ts";
import { isSealed, masked as maskedBy } from "../kit/shown-values.ts";

// biome-ignore lint/suspicious/noExplicitAny: events of three contracts are compared member by member
type Event = any;

const masked = (value: string) => maskedBy("a-seed-for-the-examples-only", value);

async function run(name: string, ...more: string[]) {
  const folder = copyOfPipelines();
  const result = await strm(["run", join(folder, `${name}.strm`), ...more]);
  const read = (...path: string[]): Event[] => linesOf(folder, ...path).map((line) => JSON.parse(line));
  return { folder, result, read };
}

describe("web-shop", () => {
  test("opens nested fields and lists by consent, with windows by local time", async () => {
    const { result, read } = await run("web-shop");
    expect(result.code).toBe(0);
    const input = [...read("data/visits-amsterdam.jsonl"), ...read("data/visits-new-york.jsonl")];
    const good = input.filter((event) => event.session.id.startsWith("s-"));
    expect(read("out/web-shop/rejected.jsonl").map((record) => record.code)).toEqual(["event.no-match"]);

    const safe = read("out/web-shop/safe.jsonl");
    expect(safe.length).toBe(good.length);
    safe.forEach((event, i) => {
      const original = good[i];
      expect(isSealed(event.session.id)).toBe(true);
      expect(event.session.startedAt).toBe(original.session.startedAt);
      expect(event.customer === null).toBe(original.customer === null);
      if (original.customer !== null) {
        expect(isSealed(event.customer.id)).toBe(true);
        expect(event.customer.emails.length).toBe(original.customer.emails.length);
        expect(event.customer.emails.every(isSealed)).toBe(true);
      }
      expect(event.basket?.lines).toEqual(original.basket?.lines);
      expect(event.searchTerms.every(isSealed)).toBe(true);
      expect(event.strmMeta.consentLevels).toEqual(original.consents);
    });
    // 2026-10-24T12:00:00 without an offset is the time in Amsterdam, in summer time; after the 25th it is winter time.
    expect(safe[0].strmMeta.timestamp).toBe(Date.UTC(2026, 9, 24, 10));
    const winter = safe.findIndex(
      (event) => event.session.startedAt >= "2026-10-25T12" && !event.session.startedAt.includes("-04:00"),
    );
    expect(safe[winter].strmMeta.timestamp).toBe(Date.parse(`${safe[winter].session.startedAt}+01:00`));
    expect(safe.at(-1).strmMeta.timestamp).toBe(Date.parse(safe.at(-1).session.startedAt));

    const usage = read("out/web-shop/usage.jsonl");
    const forUsage = good.filter((event) => [0, 1].every((level) => event.consents.includes(level)));
    expect(usage.length).toBe(forUsage.length);
    usage.forEach((event, i) => {
      const original = forUsage[i];
      expect(event.session).toEqual(original.session);
      expect(event.searchTerms).toEqual(original.searchTerms);
      expect(event.basket).toEqual(original.basket);
      if (original.customer !== null) {
        expect(isSealed(event.customer.id)).toBe(true);
        expect(event.customer.name === null || isSealed(event.customer.name)).toBe(true);
      }
    });

    const recommendations = read("out/web-shop/recommendations.jsonl");
    const forRecommendations = good.filter((event) =>
      [0, 1, 2].every((level) => event.consents.includes(level)),
    );
    expect(recommendations.length).toBe(forRecommendations.length);
    recommendations.forEach((event, i) => {
      const original = forRecommendations[i];
      expect(event.session.id).toBe(masked(original.session.id));
      expect(event.session.ipAddress).toBe(original.session.ipAddress);
      expect(event.customer?.id).toBe(original.customer === null ? undefined : masked(original.customer.id));
      expect(event.customer?.emails.every(isSealed) ?? true).toBe(true);
    });
  });

  test("takes the folder from the command line", async () => {
    const { result, folder } = await run("web-shop", "--set", "folder=elsewhere");
    expect(result.code).toBe(0);
    expect(linesOf(folder, "elsewhere/safe.jsonl").length).toBe(1000);
  });
});

describe("support-tickets", () => {
  test("reads consent as a word, drops what nobody declared, and keeps what is broken", async () => {
    const { result, read, folder } = await run("support-tickets");
    expect(result.code).toBe(0);
    const levels: Readonly<Record<string, number[]>> = {
      "answer only": [0],
      "answer and learn": [0, 1],
      anything: [0, 1, 2],
    };
    const good = linesOf(folder, "data/tickets.jsonl").flatMap((line): Event[] => {
      try {
        const event = JSON.parse(line);
        const fits =
          typeof event.subject === "string" &&
          typeof event.consent !== "number" &&
          !event.openedAt.startsWith("2026-11-31");
        return fits ? [event] : [];
      } catch {
        return [];
      }
    });
    expect(good.length).toBe(500);
    const consentOf = (event: Event): number[] => levels[event.consent] ?? [];

    const safe = read("out/support-tickets/safe.jsonl");
    expect(safe.length).toBe(500);
    const windows = new Map<string, Set<string>>();
    safe.forEach((event, i) => {
      const original = good[i];
      expect(event.internalNote).toBeUndefined();
      expect([event.reporter.accountId, event.subject, event.body].every(isSealed)).toBe(true);
      expect(event.strmMeta.consentLevels).toEqual(consentOf(original));
      // Berlin is one hour ahead of UTC in November.
      expect(event.strmMeta.timestamp).toBe(Date.parse(`${original.openedAt.replace(" ", "T")}+01:00`));
      const day = new Date(event.strmMeta.timestamp).toISOString().slice(0, 10);
      const window = `${original.reporter.accountId} ${day}`;
      windows.set(window, (windows.get(window) ?? new Set()).add(event.strmMeta.keyLink));
    });
    expect([...windows.values()].every((links) => links.size === 1)).toBe(true);
    expect(new Set([...windows.values()].flatMap((links) => [...links])).size).toBe(windows.size);

    const helpdesk = read("out/support-tickets/helpdesk.jsonl");
    const forHelpdesk = good.filter((event) => consentOf(event).includes(0));
    expect(helpdesk.map((event) => event.reporter)).toEqual(forHelpdesk.map((event) => event.reporter));
    expect(helpdesk.every((event) => isSealed(event.subject) && isSealed(event.body))).toBe(true);

    const quality = read("out/support-tickets/quality.jsonl");
    const forQuality = good.filter((event) => consentOf(event).includes(1));
    expect(quality.map((event) => event.subject)).toEqual(forQuality.map((event) => event.subject));
    expect(quality.map((event) => event.reporter.accountId)).toEqual(
      forQuality.map((event) => masked(event.reporter.accountId)),
    );

    const rejected = read("out/support-tickets/rejected.jsonl");
    expect(rejected.map((record) => record.position.line)).toEqual([101, 201, 301, 401]);
    expect(rejected.every((record) => /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/.test(record.event))).toBe(true);
    expect(JSON.stringify(rejected)).not.toMatch(/account-|Lindenstra/);
  });
});
