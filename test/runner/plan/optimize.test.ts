// The optimizer changes no output: plain and optimized plans of random pipelines write the same bytes, count and refuse the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import { optimize } from "../../../runner/plan/optimize.ts";
import type { PassName } from "../../../runner/plan/passes/pass.ts";
import type { SourcePlan } from "../../../runner/plan/plan.ts";
import { holds } from "../../kit/holds.ts";
import { type Rig, rigOf } from "../../kit/kernel-rig.ts";
import { type Break, type RandomPipeline, randomPipelines } from "../../kit/random-pipelines.ts";

const passes: readonly PassName[] = [
  "drop-ciphertext",
  "drop-streams",
  "seal-late",
  "share-links",
  "skip-fields",
  "take-plaintext",
];

/** The names of the streams that have a sink, or have one below them. */
function needed({ streams }: SourcePlan): readonly string[] {
  const isNeeded = (index: number): boolean =>
    streams[index]!.sinks.length > 0 || streams.some(({ from }, below) => from === index && isNeeded(below));
  return streams.filter((_, index) => isNeeded(index)).map(({ name }) => name);
}

/** A sealed event as a stranger, or a fault on the way, may have left it. */
function broken(line: string, how: Break): string {
  switch (how) {
    case "kept":
      return line;
    case "strange link":
      return line.replace(/"keyLink":"[^"]*"/, '"keyLink":"nobody"');
    case "changed value":
      return line.replace(
        /"[\w+/]{38,}={0,2}"/,
        (value) => `${value.slice(0, 30)}${value[30] === "A" ? "B" : "A"}${value.slice(31)}`,
      );
    case "no meta":
      return line.replace("strmMeta", "strmMore");
  }
}

async function rigs({ program, upstream, lines, breaks }: RandomPipeline) {
  const sealer = upstream === undefined ? undefined : await rigOf(upstream);
  const sealed = sealer?.run(lines).streams.safe?.map((line, i) => broken(line, breaks[i]!));
  const store = sealer === undefined ? {} : { store: sealer.keys };
  return {
    input: sealed ?? lines,
    plain: await rigOf(program, { plain: true, ...store }),
    optimized: await rigOf(program, store),
  };
}

function isJson(line: string): boolean {
  try {
    return JSON.parse(line) !== undefined;
  } catch {
    return false;
  }
}

const valuesAsked = ({ keys }: Rig, steps: readonly string[]) =>
  keys.asked.filter(({ kind, step }) => kind === "value" && steps.includes(step));
const linksAsked = ({ keys }: Rig) =>
  keys.asked.flatMap((want) => (want.kind === "link" ? want.keyLink : []));

test("optimized and plain plans write the same bytes, count the same and refuse the same", async () => {
  const seen = new Set<PassName>();
  const codes = new Set<string>();
  let written = 0;
  let dropped = 0;
  await fc.assert(
    fc.asyncProperty(randomPipelines, async (pipeline) => {
      const { input, plain, optimized } = await rigs(pipeline);
      for (const { pass } of optimize(plain.plan).decisions) seen.add(pass);
      const steps = needed(plain.plan);
      const expected = plain.run(input, pipeline.batchLines);
      const found = optimized.run(input, pipeline.batchLines);

      expect(found.streams).toEqual(expected.streams);
      expect(found.rejected).toEqual(expected.rejected.filter(({ step }) => steps.includes(step)));
      expect(found.tally).toEqual(Object.fromEntries(steps.map((step) => [step, expected.tally[step]])));
      // Whoever exports keys, or removes those of a person, must find the same ones.
      expect(valuesAsked(optimized, steps)).toEqual(valuesAsked(plain, steps));
      if (plain.plan.streams.every(({ name, kind }) => kind !== "encrypt" || steps.includes(name))) {
        expect(found.subjects).toEqual(expected.subjects);
      }
      expect(linksAsked(plain)).toEqual(expect.arrayContaining(linksAsked(optimized)));

      for (const path of pipeline.dropped) {
        dropped += input.filter((line) => isJson(line) && holds(JSON.parse(line), path)).length;
        const kept = Object.values(found.streams).flat();
        expect(kept.filter((line) => holds(JSON.parse(line), path))).toEqual([]);
      }
      written += Object.values(found.streams).flat().length;
      for (const { code } of found.rejected) codes.add(code);
    }),
    { numRuns: 200 },
  );
  // The pipelines were such that there was something to get wrong.
  expect([...seen].sort()).toEqual(passes);
  expect(written).toBeGreaterThan(150);
  expect(dropped).toBeGreaterThan(50);
  expect([...codes]).toEqual(expect.arrayContaining(["event.does-not-open", "event.key-unknown"]));
});
