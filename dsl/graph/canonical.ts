// Canonical JSON and the hash of a job graph.
import { createHash } from "node:crypto";
import type { JobGraph } from "./job-graph.ts";

/**
 * JSON with sorted keys and without white space, so that equal values have equal texts: RFC 8785, whose order of keys
 * (by UTF-16 code units) and spelling of numbers are those of JavaScript.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** Adds the hash of everything else. */
export function finishGraph(body: Omit<JobGraph, "hash">): JobGraph {
  return { ...body, hash: createHash("sha256").update(canonicalJson(body)).digest("hex") };
}
