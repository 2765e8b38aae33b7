// A stand-in for kernel and keys: lines that start with `x` are refused, with `w` withheld, and all else passes as it is.
import type { GraphStep, JobGraph, SinkStep } from "../../dsl/graph/job-graph.ts";
import type { Chunk } from "../../runner/connectors/connector.ts";
import type { Parts } from "../../runner/engine/parts.ts";
import type { Batch, BatchResult, Kernel } from "../../runner/kernel/kernel.ts";
import type { LinkKeys } from "../../runner/privacy/link-keys.ts";

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
    frame,
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
        takeCreated: () => [],
        purge: async () => {
          log.push("purge");
        },
        close: async () => {
          log.push("close");
        },
      },
      kernels: new Map([["clicks", new LineKernel()]]),
    }),
  };
}

const links = new Map<string, LinkKeys>();
function linkOf(keyLink: string): LinkKeys {
  // Like a key ring, it forgets: the same link comes back as another object.
  if (links.size > 3) links.clear();
  const link = links.get(keyLink) ?? newLink(keyLink);
  links.set(keyLink, link);
  return link;
}

function newLink(keyLink: string): LinkKeys {
  return {
    keyLink,
    contract: "a/c/1.0.0",
    scheme: "purpose_bound",
    startMs: 0,
    endMs: 1,
    cipher: () => {
      throw new Error("lines are not sealed");
    },
    keysets: (purposes) =>
      purposes.map((purpose) => ({ keyLink, purpose, encryptionKey: `{"of":${purpose}}` })),
  };
}

class LineKernel implements Kernel {
  scan(batch: Batch) {
    const text = Buffer.from(batch.bytes).toString("latin1");
    const lines = text.replace(/\n$/, "").split("\n");
    const names = [...new Set(lines.map((line) => line.slice(0, 1)))];
    return {
      wants: names.map((value) => ({ kind: "value" as const, step: "safe", value, timeMs: 0 })),
      emit: (keys: readonly (LinkKeys | undefined)[]) => this.#emit(batch, lines, keys),
    };
  }

  #emit(batch: Batch, lines: readonly string[], keys: readonly (LinkKeys | undefined)[]): BatchResult {
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
      bytes: Buffer.from(chosen.map((line) => `${line}\n`).join(""), "latin1"),
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
      used: keys.flatMap((link) => (link === undefined ? [] : [{ step: "safe", keys: link }])),
      subjects: [],
    };
  }
}

/** Whole lines of each chunk, for chunks that end where a line ends or an origin does. */
async function* frame(chunks: AsyncIterable<Chunk>): AsyncGenerator<Batch> {
  let rest = Buffer.alloc(0);
  let firstLine = 1;
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk.bytes]);
    const end = chunk.last ? bytes.length : bytes.lastIndexOf(10) + 1;
    const offsetBytes = chunk.offsetBytes - rest.length;
    const whole = bytes.subarray(0, end);
    rest = Buffer.from(bytes.subarray(end));
    if (whole.length > 0) yield { bytes: whole, origin: chunk.origin, firstLine, offsetBytes, readTimeMs: 0 };
    firstLine = chunk.last ? 1 : firstLine + whole.toString("latin1").split("\n").length - 1;
  }
}
