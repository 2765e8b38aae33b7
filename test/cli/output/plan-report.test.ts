// What `strm explain --plan` prints, held by a golden file.
import { expect, test } from "vitest";
import { planReport } from "../../../cli/output/plan-report.ts";
import { explainPlan } from "../../../runner/plan/explain-plan.ts";
import { compileFile } from "../../kit/compile-file.ts";

const folder = new URL("../../fixtures/explain/", import.meta.url).pathname;
const asItIs = (text: string): string => text;
const style = { strong: asItIs, dim: asItIs, good: asItIs, warn: asItIs, bad: asItIs };

test("a program that gives the optimizer all there is to decide", async () => {
  const { graph, diagnostics } = compileFile(folder, "plan.strm");
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  // The hash changes with every option that a connector gets.
  const lines = planReport({ ...explainPlan(graph), graph_hash: "0123456789abcdef" }, style);
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`${folder}plan.planned.txt`);
  expect(lines.filter((line) => line.length > 100 || line !== line.trimEnd())).toEqual([]);
});
