// What the program says of its steps: fields, readers, promises, and names of credentials but never their values.
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalog } from "../../../../cli/catalog.ts";
import { loadProgram } from "../../../../cli/load-program.ts";
import { factsOf } from "../../../../cli/ui/state/facts.ts";
import { explainGraph } from "../../../../dsl/index.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";
import { quickstartFacts } from "../../../kit/watched-run.ts";

test("a stream knows its fields, what it asks for and who reads it", () => {
  const { recommendations } = quickstartFacts.streams;
  expect(recommendations?.contract).toBe("strmprivacy/example/1.3.0");
  expect(recommendations?.asks).toEqual(["functional", "statistics", "personalisation"]);
  expect(recommendations?.fields.find(({ path }) => path === "consistentValue")).toEqual({
    path: "consistentValue",
    type: "string",
    state: "masked",
    purpose: "personalisation",
  });
  expect(recommendations?.readers.map(({ sink, target }) => [sink, target])).toEqual([
    ["recommendations->file", "file out/quickstart/recommendations.jsonl"],
  ]);
});

test("the promise of a pipeline is the weakest of its routes", () => {
  expect(quickstartFacts.promise).toBe("exactly-once");
});

test("a sink names what it gets in by, and holds no value", () => {
  const text = `
contract person as "acme/person/1.0.0" {
  session: string  @key @pii(0)
  consents: int[]? @consent
}
source people of person from file { path = "in.jsonl" }
encrypt people into safe
sink safe into kafka {
  brokers = env("BROKERS", "localhost:9092")
  topic = "safe"
  sasl = { mechanism = scram_sha_256, user = "strm", password = secret("KAFKA_PASSWORD") }
}
`;
  const folder = emptyFolder();
  writeFiles(folder, { "people.strm": text });
  const { graph, diagnostics } = loadProgram(join(folder, "people.strm"), new Map()).result;
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const facts = factsOf(graph, explainGraph(graph, catalog));
  expect(facts.sinks["safe->kafka"]?.credentials).toEqual(["env BROKERS", "secret KAFKA_PASSWORD"]);
});
