// Job graphs come out as they are, but for what nobody looks at; a hostile one is refused, or can be explained and drawn.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readGraph } from "../../../cli/attach/graph-shape.ts";
import { Misfit } from "../../../cli/attach/misfit.ts";
import { catalog } from "../../../cli/catalog.ts";
import { frameOf } from "../../../cli/ui/frame/frame.ts";
import { textOf } from "../../../cli/ui/frame/line.ts";
import { factsOf } from "../../../cli/ui/state/facts.ts";
import { openScreen } from "../../../cli/ui/state/screen.ts";
import { nothingWatched, watch } from "../../../cli/ui/state/watch.ts";
import { explainGraph, type JobGraph } from "../../../dsl/index.ts";
import { randomlyBroken } from "../../kit/broken-json.ts";
import { root } from "../../kit/cli.ts";
import { started } from "../../kit/run-events.ts";

const folder = join(root, "test/fixtures/graphs");
const graphs = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file): [string, JobGraph] => [file, JSON.parse(readFileSync(join(folder, file), "utf8"))]);

test.each(graphs)("%s", (_, graph) => {
  const contracts = graph.contracts.map((contract) => ({ ...contract, schema: null }));
  expect(readGraph(graph)).toEqual({ ...graph, contracts });
  expect(explainGraph(readGraph(graph), catalog)).toEqual(explainGraph(graph, catalog));
});

const [, webShop] = graphs.find(([file]) => file === "web-shop.json") ?? [];

const nested = (depth: number): unknown => (depth === 0 ? "x" : [nested(depth - 1)]);
const withOption = (a: unknown) => ({ ...webShop, steps: [{ ...webShop?.steps[0], options: { a } }] });

test("options are nested, but not deeper than anybody writes them", () => {
  expect(readGraph(withOption({ b: nested(31) })).steps[0]).toMatchObject({
    options: { a: { b: nested(31) } },
  });
  expect(() => readGraph(withOption(nested(33)))).toThrow(Misfit);
});

test.each([
  ["steps.0.options.a is not a reference", withOption({ $env: { b: "c" } })],
  ["steps.0.options.a is not an option's value", withOption([1, [{ $secret: 7 }]])],
  ["keyStores.0.masterKey is not a reference", { keyStores: [{ ...webShop?.keyStores[0], masterKey: {} }] }],
  ["version is not 1", { version: 2 }],
  ["steps do not stand behind what they read from", { steps: webShop?.steps.toReversed() }],
  ["steps share a name", { steps: [...(webShop?.steps ?? []), webShop?.steps[0]] }],
  ["steps.0.kind is of no known kind", { steps: [{ kind: "merge" }] }],
  ["hash is not a name", { hash: 7 }],
])("%s", (message, more) => {
  try {
    readGraph({ ...webShop, ...more });
  } catch (error) {
    expect(error instanceof Misfit && `${error.place} ${error.message}`).toBe(message);
    return;
  }
  expect.unreachable();
});

test("whatever a hostile server says can be explained and drawn, or is refused", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
  fc.assert(
    fc.property(randomlyBroken(webShop), (broken) => {
      let graph: JobGraph;
      try {
        graph = readGraph(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(Misfit);
        return;
      }
      const facts = factsOf(graph, explainGraph(graph, catalog));
      const steps = graph.steps.map(({ name, kind }) => ({ name, kind, from: null }));
      const screen = openScreen(watch(nothingWatched, started({ steps })), facts);
      for (const { name } of steps) {
        const page = { ...screen, page: "step" as const, selected: name };
        const { lines } = frameOf(page, { columns: 100, rows: 60, ascii: false });
        expect(lines.map(textOf).join("\n")).not.toMatch(control);
      }
    }),
    { numRuns: 300 },
  );
});
