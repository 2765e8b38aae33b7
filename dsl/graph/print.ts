// The job graph as text for terminals, and as mermaid and dot for drawings.
import type { FieldState, GraphStep, JobGraph } from "./job-graph.ts";
import { fieldsIn, purposeNames, stepText, upstreamOf } from "./words.ts";

/** A tree of streams from each source to its sinks. */
export function graphText(graph: JobGraph): string {
  const text = [`${graph.name}  ${graph.hash.slice(0, 12)}`];
  const below = new Map<string, GraphStep[]>(graph.steps.map(({ name }) => [name, []]));
  for (const step of graph.steps) below.get(upstreamOf(step) ?? "")?.push(step);
  const show = (step: GraphStep, branch: string, lead: string): void => {
    const next = below.get(step.name) ?? [];
    text.push(`${branch}${step.kind === "sink" ? "" : `${step.name}: `}${stepText(graph, step)}`);
    const lines = step.kind === "sink" ? [] : fieldLines(graph, step.fields);
    for (const line of lines) text.push(`${lead}${next.length > 0 ? "│" : " "}    ${line}`);
    for (const [i, other] of next.entries()) {
      const last = i === next.length - 1;
      show(other, `${lead}${last ? "└─ " : "├─ "}`, `${lead}${last ? "   " : "│  "}`);
    }
  };
  for (const step of graph.steps) {
    if (step.kind !== "source") continue;
    text.push("");
    show(step, "", "");
  }
  return `${text.join("\n")}\n`;
}

/** Personal fields by what became of them: `sealed  session (functional), customer.id (analytics)`. */
function fieldLines(graph: JobGraph, fields: readonly FieldState[]): readonly string[] {
  return (["raw", "clear", "masked", "sealed"] as const).flatMap((state) => {
    const titles = fieldsIn(fields, state).map(({ path, purpose }) =>
      purpose === undefined ? path : `${path} (${purposeNames(graph, [purpose])})`,
    );
    return titles.length === 0 ? [] : [`${state.padEnd(8)}${titles.join(", ")}`];
  });
}

/** A flowchart for Mermaid. */
export function graphMermaid(graph: JobGraph): string {
  const ids = new Map(graph.steps.map(({ name }, i) => [name, `s${i}`]));
  const id = (name: string) => ids.get(name) ?? "";
  const entity = (text: string) =>
    text.replace(/\s+/g, " ").replace(/["#<>&]/g, (char) => `#${char.charCodeAt(0)};`);
  const shapes = {
    source: ["([", "])"],
    encrypt: ["[[", "]]"],
    decrypt: ["{{", "}}"],
    sink: ["[(", ")]"],
  } as const;
  const nodes = graph.steps.map((step) => {
    const [open, close] = shapes[step.kind];
    return `  ${id(step.name)}${open}"${entity(step.name)}<br/>${entity(stepText(graph, step))}"${close}`;
  });
  return `flowchart LR\n${[...nodes, ...edges(graph).map(([from, to]) => `  ${id(from)} --> ${id(to)}`)].join("\n")}\n`;
}

/** A digraph for Graphviz. */
export function graphDot(graph: JobGraph): string {
  const quote = (text: string) =>
    `"${text.replace(/\s+/g, " ").replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const shapes = { source: "oval", encrypt: "box3d", decrypt: "hexagon", sink: "cylinder" } as const;
  const nodes = graph.steps.map(
    (step) =>
      `  ${quote(step.name)} [shape=${shapes[step.kind]}, label=${quote(`${step.name}: ${stepText(graph, step)}`)}];`,
  );
  const lines = edges(graph).map(([from, to]) => `  ${quote(from)} -> ${quote(to)};`);
  return `digraph ${quote(graph.name)} {\n  rankdir=LR;\n${[...nodes, ...lines].join("\n")}\n}\n`;
}

function edges(graph: JobGraph): (readonly [string, string])[] {
  return graph.steps.flatMap((step) => {
    const from = upstreamOf(step);
    return from === undefined ? [] : [[from, step.name] as const];
  });
}
