// What `strm graph` and `strm explain` print of a program that has everything, held by golden files.
import { describe, expect, test } from "vitest";
import { explainGraph } from "../../../dsl/graph/explain.ts";
import { explainGraphText } from "../../../dsl/graph/explain-text.ts";
import type { JobGraph } from "../../../dsl/graph/job-graph.ts";
import { graphDot, graphMermaid, graphText } from "../../../dsl/graph/print.ts";
import { purposeNames } from "../../../dsl/graph/words.ts";
import { testCatalog } from "../../kit/catalog.ts";
import { compileFile } from "../../kit/compile-file.ts";

const folder = new URL("../../fixtures/explain/", import.meta.url).pathname;
const { graph: compiled, diagnostics } = compileFile(folder, "shop.strm");
if (compiled === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
const graph: JobGraph = compiled;

describe("golden files", () => {
  test.each([
    ["shop.txt", graphText(graph)],
    ["shop.mmd", graphMermaid(graph)],
    ["shop.dot", graphDot(graph)],
    ["shop.explained.txt", explainGraphText(explainGraph(graph, testCatalog))],
  ])("%s", async (file, text) => {
    await expect(text).toMatchFileSnapshot(`${folder}${file}`);
  });
});

describe("drawings", () => {
  const edgesOf = graph.steps.filter(({ kind }) => kind !== "source").length;
  /** Text that would break out of a label. */
  const hostile: JobGraph = {
    ...graph,
    name: 'a"b\\',
    steps: graph.steps.map((step) =>
      step.kind === "sink" && step.exposing !== undefined
        ? { ...step, exposing: 'x"]; y --> z\\\n<b>&#35;' }
        : step,
    ),
  };

  test.each([graph, hostile])("dot is nodes and edges between them, whatever the texts are", (drawn) => {
    const quoted = String.raw`"(?:[^"\\\n]|\\.)*"`;
    const lines = graphDot(drawn).trimEnd().split("\n");
    expect(lines[0]).toMatch(new RegExp(`^digraph ${quoted} \\{$`));
    expect(lines.at(-1)).toBe("}");
    const nodes = lines.filter((line) =>
      new RegExp(`^  ${quoted} \\[shape=\\w+, label=${quoted}\\];$`).test(line),
    );
    const edges = lines.filter((line) => new RegExp(`^  ${quoted} -> ${quoted};$`).test(line));
    expect(nodes).toHaveLength(drawn.steps.length);
    expect(edges).toHaveLength(edgesOf);
    expect(lines).toHaveLength(nodes.length + edges.length + 3);
  });

  test.each([graph, hostile])("mermaid is nodes and edges between them, whatever the texts are", (drawn) => {
    const [head, ...lines] = graphMermaid(drawn).trimEnd().split("\n");
    expect(head).toBe("flowchart LR");
    const nodes = lines.filter((line) =>
      /^ {2}s\d+(?:\(\[|\[\[|\{\{|\[\()"(?:[^"<>]|<br\/>)*"(?:\]\)|\]\]|\}\}|\)\])$/.test(line),
    );
    const edges = lines.filter((line) => /^ {2}s\d+ --> s\d+$/.test(line));
    expect(nodes).toHaveLength(drawn.steps.length);
    expect(edges).toHaveLength(edgesOf);
    expect(lines).toHaveLength(nodes.length + edges.length);
  });
});

describe("explainGraph", () => {
  const { purposes, sinks } = explainGraph(graph, testCatalog);
  const sink = (name: string) => sinks.find((one) => one.sink === name)!;

  test("asks for the consent of every decrypt on the way", () => {
    expect(sink("mail->file").consent).toEqual([0, 1, 2]);
    expect(sink("safe->kafka").consent).toEqual([]);
  });

  test("says of each purpose where its fields end up", () => {
    expect(purposes.map(({ level }) => level)).toEqual([0, 1, 2]);
    expect(purposes[1]).toMatchObject({
      name: "analytics",
      fields: ["click: customer.id"],
      opened: [],
      exposed: ["clicks->s3"],
      masked: ["research->file", "mail->file"],
      sealed: ["safe->kafka"],
    });
  });

  test("a sink of rejected events or keys holds no fields", () => {
    for (const name of ["clicks.rejected->file", "safe.keys->file"]) {
      expect(sink(name)).toMatchObject({
        opened: [],
        exposed: [],
        masked: [],
        sealed: [],
        open: [],
        keys: null,
      });
    }
  });

  test("secrets stand there as references only, and no event's value at all", () => {
    expect(JSON.stringify({ purposes, sinks })).not.toContain("KEYS_URL");
    expect(sink("safe->kafka").target).toBe('env("BROKERS", "localhost:9092") clicks.safe');
  });

  test("levels without a name are said in ranges", () => {
    expect(purposeNames({ ...graph, purposes: [] }, [0, 1, 2, 5, 7, 8])).toBe(
      "levels 0 to 2, level 5 and levels 7 to 8",
    );
    expect(purposeNames(graph, [0, 2, 3, 4])).toBe("functional, offers and levels 3 to 4");
  });
});
