// The simulator gives the reference contract's events, the same bytes in every run, at the rate that was asked for.
import { describe, expect, test } from "vitest";
import { simulatedEvents } from "../../../../runner/connectors/simulator/events.ts";
import { openSimulator } from "../../../../runner/connectors/simulator/source.ts";
import { sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";
import { linesIn, Taken } from "../../../kit/taken.ts";

const options = { rate: "unlimited", count: 5000, sessions: 10, seed: 7 } as const;

async function read(
  more: Partial<{ rate: number; count: number; seed: number }> = {},
): Promise<readonly string[]> {
  const source = await openSimulator({ ...options, ...more }, sourceContext("/"));
  const taken = new Taken();
  for await (const item of source.items(new AbortController().signal)) taken.take(item);
  return taken.texts;
}

describe("the simulator", () => {
  sourceConformance(
    async () => ({
      open: (resume, buffers) => openSimulator(options, sourceContext("/", { resume, buffers })),
      expected: linesIn("simulator", Buffer.from(simulatedEvents(options)(0, options.count))),
    }),
    {
      resumes: true,
      waiting: async () => {
        const slow = { rate: 1, sessions: 10, seed: 7 };
        const [first = ""] = simulatedEvents(slow)(0, 1).split("\n");
        return { source: await openSimulator(slow, sourceContext("/")), texts: [first] };
      },
    },
  );

  test("is reproducible bit for bit, and another seed gives other events", async () => {
    const events = await read();
    expect(await read()).toEqual(events);
    expect(await read({ seed: 8 })).not.toEqual(events);
    // A change here changes what every user of a seed gets.
    expect(events[0]).toMatchInlineSnapshot(
      `"{"strmMeta":{"eventContractRef":"strmprivacy/example/1.3.0","nonce":null,"timestamp":1767225600000,"keyLink":null,"consentLevels":[0,1,2,3]},"uniqueIdentifier":"unique-980390","consistentValue":"session-1","someSensitiveValue":"sensitive-383","notSensitiveValue":"not-sensitive-38"}"`,
    );
  });

  test("keeps to the reference contract", async () => {
    const events = (await read()).map((line) => JSON.parse(line));
    expect(events.length).toBe(5000);
    const consents = new Map<string, number>();
    for (const event of events) {
      expect(Object.keys(event)).toEqual([
        "strmMeta",
        "uniqueIdentifier",
        "consistentValue",
        "someSensitiveValue",
        "notSensitiveValue",
      ]);
      expect(event.consistentValue).toMatch(/^session-[0-9]$/);
      expect(event.notSensitiveValue).toMatch(/^not-sensitive-[0-9]{1,2}$/);
      const consent = JSON.stringify(event.strmMeta.consentLevels);
      consents.set(consent, (consents.get(consent) ?? 0) + 1);
    }
    expect([...consents.keys()].sort()).toEqual(["[0,1,2,3]", "[0,1,2]", "[0,1]", "[0]", "[]"]);
    expect([...consents.values()].every((count) => count > 850 && count < 1150)).toBe(true);
    expect(new Set(events.map((event) => event.consistentValue)).size).toBe(10);
  });

  test("paces evenly, also in a run that goes on", async () => {
    const paced = { ...options, rate: 1000, count: 600 };
    let [resume, given] = [new Map(), 0];
    for (const until of [300, 600]) {
      const source = await openSimulator({ ...paced, count: until }, sourceContext("/", { resume }));
      const startMs = performance.now();
      const taken = new Taken();
      let batches = 0;
      for await (const item of source.items(new AbortController().signal)) {
        taken.take(item);
        batches++;
      }
      const tookMs = performance.now() - startMs;
      expect(taken.lines[0]?.line).toBe(given + 1);
      given += taken.lines.length;
      expect(given).toBe(until);
      expect(tookMs).toBeGreaterThan(280);
      expect(tookMs).toBeLessThan(1500);
      expect(batches).toBeGreaterThan(5);
      resume = new Map(taken.positions);
    }
  });

  test("sees a stop also while it draws the numbers of a long way again", async () => {
    const resume = new Map([["simulator", { events: 2_000_000_000, offset_bytes: 0 }]]);
    const source = await openSimulator(
      { rate: "unlimited", sessions: 10, seed: 7 },
      sourceContext("/", { resume }),
    );
    for await (const item of source.items(AbortSignal.timeout(100)))
      throw new Error(`gave ${item.partition}`);
    await source.close();
  });
});
