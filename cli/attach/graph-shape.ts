// The shape of a job graph, with the bounds within which it can be explained and drawn.
import type { JobGraph, Reference } from "../../dsl/index.ts";
import { MOST_STEPS } from "./ledger-shape.ts";
import {
  amount,
  flag,
  list,
  Misfit,
  membersOf,
  name,
  object,
  oneOf,
  optional,
  optionValue,
  record,
  type Shape,
  text,
} from "./shape.ts";

type Step = JobGraph["steps"][number];
type StepOf<K extends Step["kind"]> = Extract<Step, { readonly kind: K }>;
type Contract = JobGraph["contracts"][number];
type KeyStore = JobGraph["keyStores"][number];

const MOST_FIELDS = 2_000;
const MOST_LEVELS = 256;
const MOST_OPTIONS = 1_000;

const options = record(optionValue, MOST_OPTIONS);
const levels = list(amount, MOST_LEVELS);

const references = {
  $env: object<Extract<Reference, { $env: string }>>({ $env: name, $default: optional(text) }),
  $secret: object<Extract<Reference, { $secret: string }>>({ $secret: name }),
  $file: object<Extract<Reference, { $file: string }>>({ $file: text }),
} as const;

const reference: Shape<Reference> = {
  read: (value) => {
    const members = membersOf(value);
    if ("$env" in members) return references.$env.read(members);
    return "$secret" in members ? references.$secret.read(members) : references.$file.read(members);
  },
};

const stream = {
  name,
  contract: name,
  fields: list(
    object<StepOf<"source">["fields"][number]>({
      path: name,
      type: name,
      state: oneOf("open", "raw", "sealed", "clear", "masked"),
      purpose: optional(amount),
    }),
    MOST_FIELDS,
  ),
};
const sealed = { from: name, keys: name, scheme: oneOf("purpose_bound", "strm") };

const rotations = {
  span: object<Extract<StepOf<"encrypt">["rotate"], { kind: "span" }>>({
    kind: oneOf("span"),
    spanMs: amount,
  }),
  daily: object<Extract<StepOf<"encrypt">["rotate"], { kind: "daily" }>>({ kind: oneOf("daily") }),
};

const steps: { readonly [K in Step["kind"]]: Shape<StepOf<K>> } = {
  source: object<StepOf<"source">>({
    ...stream,
    kind: oneOf("source"),
    sealed: flag,
    connector: name,
    options,
  }),
  encrypt: object<StepOf<"encrypt">>({
    ...stream,
    ...sealed,
    kind: oneOf("encrypt"),
    rotate: ofKind<StepOf<"encrypt">["rotate"]>(rotations),
  }),
  decrypt: object<StepOf<"decrypt">>({
    ...stream,
    ...sealed,
    kind: oneOf("decrypt"),
    mode: oneOf("granular", "cumulative"),
    purposes: levels,
    mask: list(name, MOST_FIELDS),
    maskSeed: optional(reference),
    maskAlgorithm: oneOf("hmac_sha256", "murmur3"),
  }),
  sink: object<StepOf<"sink">>({
    kind: oneOf("sink"),
    name,
    from: name,
    side: oneOf("events", "rejected", "keys"),
    connector: name,
    exposing: optional(text),
    records: optional(oneOf(true)),
    options,
  }),
};

const purpose = object<JobGraph["purposes"][number]>({ name, level: amount, reason: optional(text) });
const personal = object<Contract["personal"][number]>({ path: name, purpose: amount });

const contract = object<Contract>({
  name,
  ref: name,
  // Nobody looks at it here.
  schema: { read: () => null },
  unknown: oneOf("reject", "drop", "pass"),
  key: name,
  subject: optional(name),
  consent: object<Contract["consent"]>({
    path: name,
    cumulative: flag,
    map: optional(record(levels, MOST_OPTIONS)),
    otherwise: optional(levels),
  }),
  time: optional(
    object<NonNullable<Contract["time"]>>({ path: name, format: optional(name), zone: optional(name) }),
  ),
  personal: list(personal, MOST_FIELDS),
  dropped: optional(
    list(
      object<NonNullable<Contract["dropped"]>[number]>({ path: name, purpose: optional(amount) }),
      MOST_FIELDS,
    ),
  ),
  matches: list(object<Contract["matches"][number]>({ path: name, pattern: text, flags: name }), MOST_FIELDS),
});

const keyStore = object<KeyStore>({
  name,
  store: name,
  retainMs: optional(amount),
  masterKey: optional(reference),
  cachedLinks: optional(amount),
  options,
});

const graph = object<JobGraph>({
  version: oneOf(1),
  name,
  purposes: list(purpose, MOST_LEVELS),
  contracts: list(contract, MOST_STEPS),
  keyStores: list(keyStore, MOST_STEPS),
  steps: list(ofKind<Step>(steps), MOST_STEPS),
  hash: name,
});

/** Throws a `Misfit`. Each step stands behind the one it reads from, so that whoever walks up comes to an end. */
export function readGraph(value: unknown): JobGraph {
  const read = graph.read(value);
  const streams = new Set<string>();
  for (const step of read.steps) {
    if (step.kind !== "source" && !streams.has(step.from))
      throw new Misfit("do not stand behind what they read from").within("steps");
    if (step.kind !== "sink") streams.add(step.name);
  }
  if (new Set(read.steps.map((step) => step.name)).size < read.steps.length)
    throw new Misfit("share a name").within("steps");
  if (new Set(read.contracts.flatMap((one) => one.personal.map((own) => own.purpose))).size > MOST_LEVELS)
    throw new Misfit("have more purposes than there can be").within("contracts");
  return read;
}

/** One of several shapes, by its member `kind`. */
function ofKind<T extends { readonly kind: string }>(shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  return {
    read: (value) => {
      const { kind } = membersOf(value);
      const shape = typeof kind === "string" && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
      if (shape === undefined) throw new Misfit("is of no known kind");
      return shape.read(value);
    },
  };
}
