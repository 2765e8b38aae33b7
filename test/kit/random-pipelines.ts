// Random small pipelines for properties: a contract, steps in a tree, sinks of some of them, and lines to put in.
import fc from "fast-check";
import {
  contractText,
  droppedPaths,
  levels,
  linesOf,
  type RandomContract,
  randomContracts,
  type Text,
  texts,
} from "./random-contracts.ts";

export interface RandomPipeline {
  readonly program: string;
  /** Present where the program reads sealed events: the program whose stream `safe` they are. */
  readonly upstream: string | undefined;
  /** Lines for the upstream program where there is one, else for the program. */
  readonly lines: readonly string[];
  /** By event that upstream sealed: how it is broken on the way. As many as there are lines, or more. */
  readonly breaks: readonly Break[];
  readonly batchLines: number;
  /** Paths that no stream may have. */
  readonly dropped: readonly string[];
}

export type Break = "kept" | "strange link" | "changed value" | "no meta";

interface Step {
  readonly kind: "encrypt" | "decrypt";
  /** Stands for one of the streams above. */
  readonly from: number;
  readonly asked: string;
  readonly mask: readonly Text[];
  readonly algorithm: string;
  readonly keys: string;
  readonly scheme: string;
  readonly rotate: string;
}

interface Sink {
  /** Stands for one of the streams. */
  readonly of: number;
  readonly side: "events" | "rejected" | "keys";
}

interface Stream {
  readonly name: string;
  readonly kind: "source" | "encrypt" | "decrypt";
  /** What it and the streams above mask: a field is masked once. */
  readonly masked: readonly Text[];
  readonly statement: string;
}

const mostLines = 8;

const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("encrypt", "decrypt", "decrypt", "decrypt"),
  from: fc.nat(),
  asked: fc.oneof(
    fc.subarray([...levels], { minLength: 1, maxLength: 3 }).map((asked) => `granular(${asked.join(", ")})`),
    fc.constantFrom(...levels).map((level) => `cumulative(${level})`),
  ),
  mask: fc.oneof(fc.constant<Text[]>([]), fc.subarray<Text>([...texts], { maxLength: 3 })),
  algorithm: fc.constantFrom("hmac_sha256", "murmur3"),
  keys: fc.constantFrom("one", "one", "two"),
  scheme: fc.constantFrom("purpose_bound", "purpose_bound", "strm"),
  rotate: fc.constantFrom("24h", "daily"),
});

const sinks: fc.Arbitrary<Sink> = fc.record({
  of: fc.nat(),
  side: fc.constantFrom("events", "events", "events", "rejected", "keys"),
});

const breaks = fc.constantFrom<Break>(
  ...(["kept", "kept", "kept", "kept", "strange link", "strange link", "changed value", "no meta"] as const),
);

function streamsOf(chosen: readonly Step[], sealed: boolean, dropped: readonly string[]): readonly Stream[] {
  const what = sealed ? "sealed person" : "person";
  const statement = `source people of ${what} from file { path = "in.jsonl" }`;
  const streams: Stream[] = [{ name: "people", kind: "source", masked: [], statement }];
  for (const step of chosen) {
    const name = `s${streams.length}`;
    const above = streams.filter(({ kind }) => sealed || kind !== "source");
    const from = above[step.from % Math.max(1, above.length)];
    const isLeft = (path: Text): boolean =>
      !dropped.some((gone) => path === gone || path.startsWith(`${gone}.`));
    const left = { ...step, mask: step.mask.filter(isLeft) };
    const encrypts = from === undefined || (step.kind === "encrypt" && !sealed);
    streams.push(encrypts ? encrypted(name, step) : decrypted(name, left, from, sealed));
  }
  return streams;
}

function encrypted(name: string, { keys, scheme, rotate }: Step): Stream {
  const options = `keys = ${keys}, scheme = ${scheme}, rotate = ${rotate}`;
  return { name, kind: "encrypt", masked: [], statement: `encrypt people into ${name} { ${options} }` };
}

function decrypted(name: string, step: Step, from: Stream, sealed: boolean): Stream {
  const mask = step.mask.filter((path) => !from.masked.includes(path));
  const options = [
    // Within one program, a decrypt takes both from its encrypt.
    ...(sealed ? [`keys = ${step.keys}`, `scheme = ${step.scheme}`] : []),
    ...(mask.length === 0 ? [] : [`mask = [${mask.join(", ")}]`, 'mask_seed = secret("SEED")']),
    ...(mask.length === 0 ? [] : [`mask_algorithm = ${step.algorithm}`]),
  ];
  const statement = `decrypt ${from.name} into ${name} for ${step.asked} { ${options.join(", ")} }`;
  return { name, kind: "decrypt", masked: [...from.masked, ...mask], statement };
}

/** Each side of each stream once; of a side that a stream does not have, its events. */
function sinkStatements(chosen: readonly Sink[], streams: readonly Stream[]): readonly string[] {
  const sides = chosen.flatMap(({ of, side }) => {
    const stream = streams[of % streams.length];
    if (stream === undefined) return [];
    const isThere = side !== "events" && (side === "keys") === (stream.kind === "encrypt");
    return [isThere ? `${stream.name}.${side}` : stream.name];
  });
  return [...new Set(sides)].map((from, i) => {
    const exposing = from === "people" ? ', exposing = "a test"' : "";
    return `sink ${from} into file { path = "out-${i}"${exposing} }`;
  });
}

function upstreamOf(head: string, scheme: string): string {
  return `${head}
source people of person from stdin
encrypt people into safe { keys = one, scheme = ${scheme} }
sink safe into stdout`;
}

const programs = fc.record({
  contract: randomContracts,
  sealed: fc.boolean(),
  scheme: fc.constantFrom("purpose_bound", "strm"),
  steps: fc.array(steps, { maxLength: 6 }),
  sinks: fc.array(sinks, { minLength: 1, maxLength: 4 }),
});

function headOf(contract: RandomContract): string {
  return `${contractText(contract)}
keys one in sqlite { path = "one.db" }
keys two in sqlite { path = "two.db" }`;
}

export const randomPipelines: fc.Arbitrary<RandomPipeline> = programs.chain((chosen) => {
  const { contract, sealed, scheme } = chosen;
  const head = headOf(contract);
  const dropped = droppedPaths(contract);
  const streams = streamsOf(chosen.steps, sealed, dropped);
  const statements = [...streams.map(({ statement }) => statement), ...sinkStatements(chosen.sinks, streams)];
  return fc.record({
    program: fc.constant([head, ...statements].join("\n")),
    upstream: fc.constant(sealed ? upstreamOf(head, scheme) : undefined),
    lines: fc.array(linesOf(contract), { minLength: 1, maxLength: mostLines }),
    breaks: fc.array(breaks, { minLength: mostLines, maxLength: mostLines }),
    batchLines: fc.integer({ min: 1, max: 6 }),
    dropped: fc.constant(dropped),
  });
});
