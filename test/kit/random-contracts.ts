// Random contracts for properties, and lines of events that mostly fit them.
import fc from "fast-check";

export const levels = [0, 1, 2, 3] as const;
/** Every text of these contracts, single or in lists: what may be personal, and what may be masked. */
export const texts = [
  "session",
  "email",
  "phones",
  "note",
  "customer.id",
  "customer.city",
  "lines.item",
  "lines.codes",
] as const;
export type Text = (typeof texts)[number];

export interface RandomContract {
  /** Of each of `texts`; null: not personal. */
  readonly purposes: readonly (number | null)[];
  readonly keyIsOptional: boolean;
  readonly hasSubject: boolean;
  readonly hasPattern: boolean;
  readonly declaresPurposes: boolean;
  readonly time: "reading" | "epoch" | "text";
  readonly consent: "list" | "cumulative" | "map" | "meta";
  readonly unknown: "reject" | "drop" | "pass";
  /** Paths that no stream has; those of them that the contract has. */
  readonly dropped: readonly Droppable[];
}

const droppable = [...texts, "customer", "lines", "consent", "time", "strmMeta.extra"] as const;
type Droppable = (typeof droppable)[number];

export const randomContracts: fc.Arbitrary<RandomContract> = fc.record({
  purposes: fc.array(fc.option(fc.constantFrom(...levels), { freq: 4 }), {
    minLength: texts.length,
    maxLength: texts.length,
  }),
  keyIsOptional: fc.boolean(),
  hasSubject: fc.boolean(),
  hasPattern: fc.boolean(),
  declaresPurposes: fc.boolean(),
  time: fc.constantFrom("reading", "epoch", "text"),
  consent: fc.constantFrom("list", "cumulative", "map", "meta"),
  unknown: fc.constantFrom("reject", "drop", "pass"),
  dropped: fc.oneof(
    fc.constant<Droppable[]>([]),
    fc.subarray([...droppable], { maxLength: 5 }).map((chosen) => chosen.filter(alone)),
  ),
});

/** Nothing is dropped twice, and of each record something is left. */
function alone(path: Droppable, _: number, all: readonly Droppable[]): boolean {
  const [holder, field] = path.split(".");
  if (field === undefined || holder === "strmMeta") return true;
  const others = all.filter((other) => other !== path && other.startsWith(`${holder}.`));
  return !all.some((other) => other === holder) && others.length === 0;
}

/** The dropped fields, by the paths that the contract has for them. */
export function droppedPaths({ dropped, consent, time }: RandomContract): readonly string[] {
  return dropped.flatMap((path) => {
    if (path === "strmMeta.extra") return consent === "meta" ? [path] : [];
    if (path === "consent") return consent === "meta" ? [] : [consentNames[consent]];
    return [path === "time" ? timeNames[time] : path];
  });
}

const consentNames = { list: "consents", cumulative: "level", map: "word" } as const;
const timeNames = { reading: "at", epoch: "at", text: "day" } as const;

const consentFields = {
  list: "consents: int[]? @consent",
  cumulative: "level: int? @consent(cumulative)",
  map: 'word: string? @consent(map = { "none": [], "some": [0, 2], "all": [0, 1, 2, 3] })',
} as const;
const timeFields = {
  reading: "at: long?",
  epoch: "at: long? @time",
  text: 'day: string? @time(format = "iso")',
} as const;

function consentField({ consent }: RandomContract, drop: (path: string) => string): string {
  if (consent !== "meta") return `${consentFields[consent]} ${drop(consentNames[consent])}`;
  return `strmMeta: { consentLevels: int[]? @consent, extra: string? ${drop("strmMeta.extra")} }?`;
}

/** The contract `person`. */
export function contractText(contract: RandomContract): string {
  const { keyIsOptional, hasSubject, hasPattern, declaresPurposes } = contract;
  const dropped = droppedPaths(contract);
  const drop = (path: string): string => (dropped.includes(path) ? "@drop" : "");
  const pii = (path: Text): string => {
    const purpose = contract.purposes[texts.indexOf(path)] ?? null;
    return `${purpose === null ? "" : `@pii(${purpose})`} ${drop(path)}`;
  };
  return `${declaresPurposes ? 'purposes { a = 0 "w", b = 1 "w", c = 2 "w", d = 3 "w" }' : ""}
contract person as "acme/person/1.0.0" {
  session: string${keyIsOptional ? "?" : ""} @key ${pii("session")}
  email: string? ${pii("email")}
  phones: string[]? ${pii("phones")}
  note: string? ${pii("note")} ${hasPattern ? "@matches(/^[^q]*$/)" : ""}
  customer: {
    id: string ${hasSubject ? "@subject" : ""} ${pii("customer.id")}
    city: string? ${pii("customer.city")}
  }? ${drop("customer")}
  lines: {
    item: string ${pii("lines.item")}
    codes: string[]? ${pii("lines.codes")}
  }[]? ${drop("lines")}
  ${consentField(contract, drop)}
  ${timeFields[contract.time]} ${drop(timeNames[contract.time])}
  @@unknown(${contract.unknown})
}`;
}

const text = fc.oneof(
  fc.constantFrom("", "a", "b", "Zoë", "q", '"\\\n', "🎉", "/", "\u007f", "x".repeat(40)),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const session = fc.constantFrom("s-1", "s-2", 's"3');
const consented = fc.subarray([...levels, 7]);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 4 });
type Members = Record<string, fc.Arbitrary<unknown>>;

const members: Members = {
  email: maybe(text),
  phones: maybe(fc.array(text, { maxLength: 3 })),
  note: maybe(text),
  customer: maybe(fc.record({ id: text, city: maybe(text) }, { requiredKeys: ["id"] })),
  lines: maybe(
    fc.array(
      fc.record({ item: text, codes: maybe(fc.array(text, { maxLength: 2 })) }, { requiredKeys: ["item"] }),
      { maxLength: 2 },
    ),
  ),
};
const consentMembers: Readonly<Record<RandomContract["consent"], Members>> = {
  list: { consents: maybe(consented) },
  cumulative: { level: maybe(fc.integer({ min: -1, max: 4 })) },
  map: { word: maybe(fc.constantFrom("none", "some", "all", "all", "else")) },
  meta: {
    strmMeta: maybe(fc.record({ consentLevels: maybe(consented), extra: maybe(text) }, { requiredKeys: [] })),
  },
};
const timeMembers: Readonly<Record<RandomContract["time"], Members>> = {
  reading: { at: maybe(fc.integer()) },
  epoch: { at: maybe(fc.constantFrom(0, 5, 86_400_000)) },
  text: { day: maybe(fc.constantFrom("2026-11-23T10:00:00Z", "2026-11-24T10:00:00+02:00")) },
};

/** An event of the contract as JSON.stringify writes it; now and then its note breaks the contract's pattern. */
function events({ keyIsOptional, consent, time }: RandomContract): fc.Arbitrary<string> {
  return fc
    .record(
      {
        session: keyIsOptional ? maybe(session) : session,
        ...members,
        ...consentMembers[consent],
        ...timeMembers[time],
      },
      { requiredKeys: ["session"] },
    )
    .map((event) => JSON.stringify(event));
}

/** Lines that most contracts refuse. */
const unfitting = fc.constantFrom(
  "",
  "{",
  "[]",
  "{}",
  '{"session":1}',
  '{"session":"s-1","session":"s-2"}',
  '{"session":"s-1","phones":[null]}',
  '{"session":"s-1","customer":{}}',
  '{"session":"s-1","lines":[{"item":7}]}',
  '{"session":"s-1","day":"tomorrow"}',
  '{"x":{"email":"e"},"session":"s-1","email":"e"}',
  '{"session":"s-1","strmMeta":{"nonce":5,"more":[1]},"email":"e"}',
);

/** Lines of events, some spelled in unusual ways, and some that the contract refuses. */
export function linesOf(contract: RandomContract): fc.Arbitrary<string> {
  const fitting = events(contract);
  // No event has `true` or `false`, so each of these letters stands in a string.
  const escaped = fitting.map((line) => line.replaceAll("e", "\\u0065").replaceAll("s", "\\u0073"));
  const spaced = fitting.map((line) => ` ${line.replaceAll('":', '" :\t')} \r`);
  return fc.oneof(
    { weight: 4, arbitrary: fitting },
    { weight: 2, arbitrary: escaped },
    { weight: 1, arbitrary: spaced },
    { weight: 1, arbitrary: unfitting },
  );
}
