// Canonical JSON and the hash of a job graph.
import { createHash } from "node:crypto";
import type { JobGraph } from "./job-graph.ts";

/**
 * JSON with sorted keys and without white space, so that equal values have equal texts: RFC 8785, whose order of keys
 * (by UTF-16 code units) and spelling of numbers are those of JavaScript. Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let text = "";
  for (const [key, member] of Object.entries(value).sort(byKey)) {
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Adds the hash of everything else. */
export function finishGraph(body: Omit<JobGraph, "hash">): JobGraph {
  return { ...body, hash: hashOf(body) };
}

export type ReadGraph =
  | { readonly ok: true; readonly graph: JobGraph }
  /** A sentence. */
  | { readonly ok: false; readonly problem: string };

/** Reads a job graph from JSON text; refuses another version, and a text that was changed since its hash was made. */
export function readGraph(text: string): ReadGraph {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problem: "The job graph is not valid JSON." };
  }
  if (typeof json !== "object" || json === null || !("version" in json) || !("hash" in json)) {
    return { ok: false, problem: "The JSON is not a job graph." };
  }
  if (json.version !== 1) {
    return { ok: false, problem: "The job graph is of another version than this strm reads, which is 1." };
  }
  const { hash, ...body } = json;
  if (hash === hashOf(body) && isGraph(json)) return { ok: true, graph: json };
  return { ok: false, problem: "The job graph was changed after it was made: its hash is another." };
}

function hashOf(body: object): string {
  return createHash("sha256").update(canonicalJson(body)).digest("hex");
}

/** The hash says that `finishGraph` made it, so the outline is enough. */
function isGraph(json: object): json is JobGraph {
  return "steps" in json && "contracts" in json && "keyStores" in json && "purposes" in json;
}
