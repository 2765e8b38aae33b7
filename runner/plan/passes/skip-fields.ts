// Notes only the places in an event that some output changes.
import type { SourcePlan } from "../plan.ts";
import type { ShapeMember, ShapeNode } from "../shape.ts";
import { listed, type Passed, pathsOf, them } from "./pass.ts";

export function skipFields(plan: SourcePlan): Passed {
  const skipped = [...plan.spots.keys()].filter((spot) => !isTouched(plan, spot));
  const sealed = plan.streams.some(({ sealer, sinks }) => sealer >= 0 && sinks.includes("events"));
  const nodes = plan.shape.nodes.map((node) => unmarked(node, skipped, sealed));
  const shape = { ...plan.shape, nodes };
  if (skipped.length === 0) return { plan: { ...plan, shape }, decisions: [] };
  const fields = pathsOf(plan, skipped);
  const sentence = `${plan.source} doesn't note where an event has ${listed(fields)}, since no output changes ${them(fields)}.`;
  return {
    plan: { ...plan, shape },
    decisions: [{ pass: "skip-fields", steps: [plan.source], fields, sentence }],
  };
}

function isTouched({ streams }: SourcePlan, spot: number): boolean {
  return streams.some(({ sinks, fields, seals, opens }) => {
    const field = fields[spot];
    const shown = sinks.includes("events") && (field?.value !== "kept" || field.mask !== undefined);
    return shown || seals.includes(spot) || opens.includes(spot);
  });
}

function unmarked(node: ShapeNode, skipped: readonly number[], sealed: boolean): ShapeNode {
  if (node.kind === "text" && node.spot !== undefined && skipped.includes(node.spot)) {
    const { spot: _, ...rest } = node;
    return rest;
  }
  if (node.kind === "record" && !sealed) return { ...node, members: node.members.map(withoutMeta) };
  return node;
}

function withoutMeta(member: ShapeMember): ShapeMember {
  const { meta: _, ...rest } = member;
  return rest;
}
