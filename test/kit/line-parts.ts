// A stand-in for kernel and keys: lines that start with `x` are refused, with `w` withheld, and all else passes as it is.
import type { GraphStep, JobGraph, SinkStep } from "../../dsl/graph/job-graph.ts";
import type { Parts } from "../../runner/engine/parts.ts";
import { InlineKernels } from "../../runner/engine/workers/inline-kernels.ts";
import type { Batch, BatchResult, Kernel, KeyWant, LinkSecret } from "../../runner/kernel/kernel.ts";

/** `clicks > safe > few`, with the given sinks: `[from, side, path, more options]`. */
export function lineGraph(
  sinks: readonly LineSink[],
  path: string | readonly string[] = "in.jsonl",
): JobGraph {
  const stream = { contract: "c", fields: [] };
  const steps: GraphStep[] = [
    { kind: "source", name: "clicks", ...stream, sealed: false, connector: "file", options: { path } },
    {
      kind: "encrypt",
      name: "safe",
      ...stream,
      from: "clicks",
      keys: "default",
      scheme: "purpose_bound",
      rotate: { kind: "daily" },
    },
    {
      kind: "decrypt",
      name: "few",
      ...stream,
      from: "safe",
      keys: "default",
      scheme: "purpose_bound",
      mode: "granular",
      purposes: [1],
      mask: [],
      maskAlgorithm: "hmac_sha256",
    },
    ...sinks.map(
      ({ from, side = "events", connector = "file", exposing, ...options }, i): SinkStep => ({
        kind: "sink",
        name: `${from}->${i}`,
        from,
        side,
        connector,
        ...(exposing !== undefined && { exposing }),
        options,
      }),
    ),
  ];
  const contract = {
    name: "c",
    ref: "a/c/1.0.0",
    schema: {},
    unknown: "reject" as const,
    key: "k",
    consent: { path: "c", cumulative: false },
    personal: [
      { path: "b", purpose: 3 },
      { path: "a", purpose: 1 },
    ],
    matches: [],
  };
  return { version: 1, name: "lines", purposes: [], contracts: [contract], keyStores: [], steps, hash: "0" };
}

export interface LineSink {
  readonly from: string;
  readonly side?: SinkStep["side"];
  readonly connector?: string;
  readonly exposing?: string;
  readonly path?: string;
  readonly format?: string;
}

/** `log` gets a line for what the vault was asked, in order. */
export function lineParts(log: string[] = []): Parts {
  return {
    streams: (graph) => new Set(graph.steps.flatMap((step) => (step.kind === "sink" ? [] : [step.name]))),
    open: async () => ({
      vault: {
        resolve: async (wants) => {
          log.push("resolve");
          await new Promise(setImmediate);
          return wants.map((want) => (want.kind === "value" ? linkOf(want.value ?? "") : undefined));
        },
        noteSubjects: async () => {
          log.push("subjects");
        },
        seal: async (bytes) => `sealed:${Buffer.from(bytes).toString("base64url")}`,
        unseal: async (jwe) => Buffer.from(jwe.slice(7), "base64url"),
        takeMade: () => [],
        purge: async () => {
          log.push("purge");
        },
        close: async () => {
          log.push("close");
        },
      },
      kernels: new InlineKernels(new Map([["clicks", new LineKernel()]])),
    }),
  };
}

function linkOf(keyLink: string): LinkSecret {
  return { keyLink, startMs: 0, endMs: 1, secret: new Uint8Array(32) };
}

export class LineKernel implements Kernel {
  #batch: Batch | undefined;

  scan(batch: Batch): readonly KeyWant[] {
    this.#batch = batch;
    const names = [...new Set(linesOf(batch).map((line) => line.slice(0, 1)))];
    return names.map((value) => ({ kind: "value", step: "safe", value, timeMs: 0 }));
  }

  recycle(): void {}
  forget(): void {}
  destroy(): void {}

  emit(): BatchResult {
    const batch = this.#batch;
    if (batch === undefined) throw new Error("nothing was scanned");
    const lines = linesOf(batch);
    const passed = lines.filter((line) => !line.startsWith("x"));
    const few = passed.filter((line) => !line.startsWith("w"));
    let start = 0;
    const rejected = lines.flatMap((line, i) => {
      const from = start;
      start += line.length + 1;
      if (!line.startsWith("x")) return [];
      const place = { line: batch.firstLine + i, offsetBytes: batch.offsetBytes + from };
      return [
        {
          step: "clicks",
          code: "event.x" as never,
          reason: "It is an x.",
          ...place,
          start: from,
          end: from + line.length,
        },
      ];
    });
    const output = (stream: string, chosen: readonly string[]) => ({
      stream,
      format: "json" as const,
      form: "json",
      bytes: new Uint8Array(Buffer.from(chosen.map((line) => `${line}\n`).join(""), "latin1")),
      events: chosen.length,
    });
    const refused = rejected.length;
    return {
      outputs: [output("safe", passed), output("few", few)],
      rejected,
      tally: [
        { step: "clicks", in: lines.length, out: passed.length, withheld: 0, rejected: refused },
        { step: "safe", in: passed.length, out: passed.length, withheld: 0, rejected: 0 },
        {
          step: "few",
          in: passed.length,
          out: few.length,
          withheld: passed.length - few.length,
          rejected: 0,
        },
      ],
      subjects: [],
      consents: [],
    };
  }
}

function linesOf({ bytes }: Batch): readonly string[] {
  return Buffer.from(bytes).toString("latin1").replace(/\n$/, "").split("\n");
}
