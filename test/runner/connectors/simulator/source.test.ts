// The simulator gives the reference contract's events, the same bytes in every run, at the rate that was asked for.
import { describe, expect, test } from "vitest";
import { simulatedEvents } from "../../../../runner/connectors/simulator/events.ts";
import { openSimulator } from "../../../../runner/connectors/simulator/source.ts";
import { readWhole, sourceConformance } from "../../../conformance/source.ts";

const options = { rate: "unlimited", count: 5000, sessions: 10, seed: 7 } as const;

async function read(more: Partial<{ rate: number; count: number; seed: number }> = {}): Promise<string> {
  const source = await openSimulator({ ...options, ...more });
  return (await readWhole(source.chunks(new AbortController().signal))).get("simulator")!.toString();
}

describe("the simulator", () => {
  sourceConformance(
    async () => ({
      source: await openSimulator(options),
      expected: new Map([["simulator", Buffer.from(simulatedEvents(options)(0, options.count))]]),
    }),
    () => openSimulator({ rate: 1, sessions: 10, seed: 7 }),
  );

  test("is reproducible bit for bit, and another seed gives other events", async () => {
    const bytes = await read();
    expect(await read()).toBe(bytes);
    expect(await read({ seed: 8 })).not.toBe(bytes);
    // A change here changes what every user of a seed gets.
    expect(bytes.slice(0, bytes.indexOf("\n"))).toMatchInlineSnapshot(
      `"{"strmMeta":{"eventContractRef":"strmprivacy/example/1.3.0","nonce":null,"timestamp":1767225600000,"keyLink":null,"consentLevels":[0,1,2,3]},"uniqueIdentifier":"unique-980390","consistentValue":"session-1","someSensitiveValue":"sensitive-383","notSensitiveValue":"not-sensitive-38"}"`,
    );
  });

  test("keeps to the reference contract", async () => {
    const events = (await read())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
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

  test("paces evenly", async () => {
    const source = await openSimulator({ ...options, rate: 1000, count: 300 });
    const startMs = performance.now();
    const sizes: number[] = [];
    for await (const chunk of source.chunks(new AbortController().signal)) {
      sizes.push(chunk.bytes.toString().split("\n").length - 1);
    }
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(280);
    expect(tookMs).toBeLessThan(1500);
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(5);
  });
});
