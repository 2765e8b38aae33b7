// Names and patterns of topics.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopicChoice } from "../../../../runner/connectors/kafka/topics.ts";

describe("a choice of topics", () => {
  test.each<[string | readonly string[], readonly string[]]>([
    ["clicks", ["clicks"]],
    ["clicks*", ["clicks", "clicks.eu", "clicks.us"]],
    ["*.eu", ["clicks.eu", "orders.eu"]],
    ["c*k*.eu", ["clicks.eu"]],
    ["*", ["clicks", "clicks.eu", "clicks.us", "orders.eu"]],
    ["clicks.*.*", []],
    [
      ["orders.eu", "clicks"],
      ["clicks", "orders.eu"],
    ],
    ["cl**ks", ["clicks"]],
    ["clicksclicks*", []],
    ["clicks*clicks", []],
  ])("%j", (wanted, chosen) => {
    expect(new TopicChoice(wanted).among(["orders.eu", "clicks.us", "clicks", "clicks.eu"])).toEqual(chosen);
  });

  test("tells names, which have to be there, from patterns", () => {
    const choice = new TopicChoice(["clicks", "orders.*"]);
    expect(choice.names).toEqual(["clicks"]);
    expect(choice.hasPatterns).toBe(true);
    expect(new TopicChoice("clicks").hasPatterns).toBe(false);
  });

  test("a pattern means what the same regular expression does", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
    const topics = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
    fc.assert(
      fc.property(letters, topics, (pattern, topic) => {
        const same = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(topic);
        expect(new TopicChoice(pattern).among([topic])).toEqual(same ? [topic] : []);
      }),
      { numRuns: 2000 },
    );
  });
});
