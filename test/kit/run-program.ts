// Compiles a program that stands in a folder and runs it there in this process, with the real parts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, type JobGraph, type LoadedFile } from "../../dsl/index.ts";
import {
  connectors,
  defaultKeyStore,
  type Finished,
  keyStores,
  type RunEvent,
  type RunOptions,
  run,
} from "../../runner/index.ts";

const catalog = {
  connectors: connectors.map(({ spec }) => spec),
  keyStores: keyStores.map(({ spec }) => spec),
  defaultKeyStore,
};

/** Throws where the program has an error. */
export function graphOf(folder: string, entry: string): JobGraph {
  const files = new Map<string, LoadedFile>();
  for (;;) {
    const { wanted, graph, diagnostics } = compile({ entry, files }, catalog);
    for (const path of wanted) files.set(path, { text: readFileSync(join(folder, path), "utf8") });
    if (wanted.length > 0) continue;
    if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return graph;
  }
}

export interface RanProgram {
  readonly events: readonly RunEvent[];
  readonly finished: Finished;
}

export async function runProgram(
  folder: string,
  entry: string,
  more: Partial<RunOptions> = {},
): Promise<RanProgram> {
  const events: RunEvent[] = [];
  const finished = await run({
    graph: graphOf(folder, entry),
    baseDir: folder,
    stateDir: join(folder, ".strm"),
    environment: {},
    report: (event) => events.push(event),
    stop: new AbortController().signal,
    ...more,
  });
  return { events, finished };
}
