// What `strm explain` promises of routes from and to Kafka.
import { join } from "node:path";
import { expect, test } from "vitest";
import { strm } from "../../../kit/cli.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";

const program = (source: string, sink: string): string => `contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(1)
  levels: int[]    @consent
}
source visits of visit from ${source}
encrypt visits into safe
sink safe into ${sink}
`;
const here = 'brokers = "a:9092"';

test.each([
  [`kafka { ${here}, topic = "in" }`, `kafka { ${here}, topic = "out" }`, "exactly-once"],
  [`kafka { ${here}, topic = "in" }`, 'file { path = "out.jsonl" }', "exactly-once"],
  ['file { path = "in.jsonl" }', `kafka { ${here}, topic = "out" }`, "exactly-once"],
  [`kafka { ${here}, topic = "in" }`, 'kafka { brokers = "b:9092", topic = "out" }', "at-least-once"],
  [
    `kafka { ${here}, topic = "in" }`,
    `kafka { ${here}, topic = "out", transactional = false }`,
    "at-least-once",
  ],
  [`kafka { ${here}, topic = "in" }`, "stdout", "at-least-once"],
  ["stdin", `kafka { ${here}, topic = "out" }`, "at-most-once"],
])("%s into %s", async (source, sink, promise) => {
  const folder = emptyFolder();
  writeFiles(folder, { "main.strm": program(source, sink) });
  const { stdout, stderr } = await strm(["explain", join(folder, "main.strm"), "--json"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout).sinks[0].delivery.promise).toBe(promise);
});
