// JSON as somebody hostile might send it: a good one, with a few of its values replaced by others, most of them of the same type.
import fc from "fast-check";

const texts = [
  "__proto__",
  "constructor",
  "",
  "safe",
  "clicks",
  "$env",
  "\u001b[31m",
  "\u202e",
  "x".repeat(5_000),
];
const text = fc.oneof(fc.constantFrom(...texts), fc.string());
const number = fc.constantFrom(0, 0.5, 1, 255, 2 ** 40, Number.MAX_SAFE_INTEGER);
const oddity: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1e308, {}, [], [[]], { $env: {} }, ...texts),
  fc.constantFrom<unknown>(...texts.map((name) => ({ name, kind: "source", from: name }))),
  fc.jsonValue({ maxDepth: 3 }),
);

interface Change {
  readonly at: number;
  readonly text: string;
  readonly number: number;
  /** Instead of one of the same type. */
  readonly odd: { readonly value: unknown } | undefined;
}

/** Up to five values of `json` are others, or gone. */
export function randomlyBroken(json: unknown): fc.Arbitrary<unknown> {
  const odd = fc.option(fc.record({ value: fc.option(oddity, { nil: undefined }) }), { nil: undefined });
  const rarelyOdd = fc.tuple(fc.nat(9), odd).map(([die, one]) => (die === 0 ? one : undefined));
  const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(), text, number, odd: rarelyOdd });
  return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => changes.reduce(replaced, json));
}

function replaced(json: unknown, { at, odd, ...same }: Change): unknown {
  const values = walk(json, (value) => value).count;
  return walk(json, (value, index) => {
    if (index !== at % values) return value;
    if (odd !== undefined) return odd.value;
    if (typeof value === "string") return same.text;
    return typeof value === "number" ? same.number : value;
  }).json;
}

function walk(json: unknown, change: (value: unknown, index: number) => unknown) {
  let count = 0;
  const text = JSON.stringify(json, (_, value: unknown) => change(value, count++));
  const changed: unknown = text === undefined ? undefined : JSON.parse(text);
  return { json: changed, count };
}
