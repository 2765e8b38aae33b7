// The shape of a job graph, with the bounds within which it can be explained and drawn.
import { z } from "zod";
import type { JobGraph, OptionValue } from "../../dsl/index.ts";
import { amount, flag, list, name, object, oneOf, type Plain, record, text } from "./bounded.ts";
import { haveNamesOfTheirOwn, MOST_LEVELS, MOST_STEPS } from "./ledger-shape.ts";
import { fitting } from "./misfit.ts";

const MOST_FIELDS = 2_000;
const MOST_OPTIONS = 1_000;
/** Of a list or an object within an option. */
const MOST_WITHIN_OPTION = 10_000;
const DEEPEST_OPTION = 32;

/** What a reference refers to (`$env`, `$secret`, `$file`) is text. */
function optionAt(depth: number): z.ZodType<OptionValue> {
  const within = depth < DEEPEST_OPTION ? z.lazy(() => optionAt(depth + 1)) : z.never();
  const members = record(within, MOST_WITHIN_OPTION).refine(
    (read) =>
      Object.entries(read).every(([key, member]) => !key.startsWith("$") || typeof member === "string"),
    "is not a reference",
  );
  return z.union(
    [z.null(), z.boolean(), z.number(), text, list(within, MOST_WITHIN_OPTION), members],
    "is not an option's value",
  );
}

const options = record(optionAt(0), MOST_OPTIONS);
const levels = list(amount, MOST_LEVELS);

const reference = z.union(
  [
    object({ $env: name, $default: text.exactOptional() }),
    object({ $secret: name }),
    object({ $file: text }),
  ],
  "is not a reference",
);

const stream = {
  name,
  contract: name,
  fields: list(
    object({
      path: name,
      type: name,
      state: oneOf("open", "raw", "sealed", "clear", "masked"),
      purpose: amount.exactOptional(),
    }),
    MOST_FIELDS,
  ),
};
const sealed = { from: name, keys: name, scheme: oneOf("purpose_bound", "strm") };

const rotation = z.discriminatedUnion(
  "kind",
  [object({ kind: oneOf("span"), spanMs: amount }), object({ kind: oneOf("daily") })],
  "is of no known kind",
);

const step = z.discriminatedUnion(
  "kind",
  [
    object({ ...stream, kind: oneOf("source"), sealed: flag, connector: name, options }),
    object({ ...stream, ...sealed, kind: oneOf("encrypt"), rotate: rotation }),
    object({
      ...stream,
      ...sealed,
      kind: oneOf("decrypt"),
      mode: oneOf("granular", "cumulative"),
      purposes: levels,
      mask: list(name, MOST_FIELDS),
      maskSeed: reference.exactOptional(),
      maskAlgorithm: oneOf("hmac_sha256", "murmur3"),
    }),
    object({
      kind: oneOf("sink"),
      name,
      from: name,
      side: oneOf("events", "rejected", "keys"),
      connector: name,
      exposing: text.exactOptional(),
      records: oneOf(true).exactOptional(),
      options,
    }),
  ],
  "is of no known kind",
);

/** Nobody looks at it here. */
const schema: z.ZodType<JobGraph["contracts"][number]["schema"]> = z.unknown().transform(() => null);

const contract = object({
  name,
  ref: name,
  schema,
  unknown: oneOf("reject", "drop", "pass"),
  key: name,
  subject: name.exactOptional(),
  consent: object({
    path: name,
    cumulative: flag,
    map: record(levels, MOST_OPTIONS).exactOptional(),
    otherwise: levels.exactOptional(),
  }),
  time: object({ path: name, format: name.exactOptional(), zone: name.exactOptional() }).exactOptional(),
  personal: list(object({ path: name, purpose: amount }), MOST_FIELDS),
  dropped: list(object({ path: name, purpose: amount.exactOptional() }), MOST_FIELDS).exactOptional(),
  matches: list(object({ path: name, pattern: text, flags: name }), MOST_FIELDS),
});

const keyStore = object({
  name,
  store: name,
  retainMs: amount.exactOptional(),
  masterKey: reference.exactOptional(),
  cachedLinks: amount.exactOptional(),
  options,
});

/** The compiler holds it to the graph, member for member, optional ones too. */
const graph = z.toZod<Plain<JobGraph>>()(
  object({
    version: oneOf(1),
    name,
    purposes: list(object({ name, level: amount, reason: text.exactOptional() }), MOST_LEVELS),
    contracts: list(contract, MOST_STEPS),
    keyStores: list(keyStore, MOST_STEPS),
    steps: list(step, MOST_STEPS),
    hash: name,
  })
    .refine(leadsBack, { path: ["steps"], error: "do not stand behind what they read from" })
    .refine(({ steps }) => haveNamesOfTheirOwn(steps), {
      path: ["steps"],
      error: "share a name",
    })
    .refine(({ contracts }) => purposesOf(contracts).size <= MOST_LEVELS, {
      path: ["contracts"],
      error: "have more purposes than there can be",
    }),
);

/** Throws a `Misfit`. */
export function readGraph(value: unknown): JobGraph {
  return fitting(graph, value);
}

/** Each step stands behind the one it reads from, so that whoever walks up comes to an end. */
function leadsBack({ steps }: Pick<JobGraph, "steps">): boolean {
  const streams = new Set<string>();
  for (const step of steps) {
    if (step.kind !== "source" && !streams.has(step.from)) return false;
    if (step.kind !== "sink") streams.add(step.name);
  }
  return true;
}

function purposesOf(contracts: JobGraph["contracts"]): ReadonlySet<number> {
  return new Set(contracts.flatMap(({ personal }) => personal.map(({ purpose }) => purpose)));
}
