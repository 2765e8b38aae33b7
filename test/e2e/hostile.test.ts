// Hostile lines: each ends as the design says, the ledger balances, and no personal value stands where consent did not put it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { strm } from "../kit/cli.ts";
import { emptyFolder, filesBelow, linesOf, writeFiles } from "../kit/folder.ts";

const program = `
contract person as "acme/person/1.0.0" {
  session: string    @key @pii(0)
  email: string?     @pii(1)
  phones: string[]?  @pii(2) @matches(/^PII/)
  amount: double?
  count: long?
  small: int?
  note: string?
  consents: int[]?   @consent
}
source people of person from file { path = "in.jsonl", max_event = 256KiB }
encrypt people into safe
decrypt safe into contact for granular(1)
sink safe    into file { path = "out/safe.jsonl" }
sink contact into file { path = "out/contact.jsonl" }
`;

/** A line with personal values that nothing else contains; \`consents\` decides who may see them. */
let count = 0;
const planted: string[] = [];
function plant(kind: string): string {
  const value = `PII-${kind}-${String(count++).padStart(4, "0")}-Zoë`;
  planted.push(value);
  return value;
}

const event = (more: string, consents = "[0]") =>
  `{"session":"${plant("session")}","email":"${plant("email")}","phones":["${plant("phone")}"]${more},"consents":${consents}}`;

interface Case {
  readonly name: string;
  readonly line: string | Uint8Array;
  /** The code of the rejection, or undefined where the event passes. */
  readonly code?: RegExp;
}

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

const cases: readonly Case[] = [
  { name: "an ordinary event", line: event("") },
  { name: "an event with consent for one field", line: event("", "[1]") },
  {
    name: "invalid UTF-8",
    line: bytes(event("").slice(0, -1), ',"note":"', [0xff, 0xfe], '"}'),
    code: /utf/,
  },
  {
    name: "invalid UTF-8 in a personal value",
    line: bytes('{"session":"', plant("utf8"), [0xc3], '"}'),
    code: /utf/,
  },
  { name: "cut JSON", line: event("").slice(0, -14), code: /json|syntax|cut/ },
  { name: "a raw NUL in a string", line: event(',"note":"a\u0000b"'), code: /json|control/ },
  { name: "an escaped NUL in a string", line: event(',"note":"a\\u0000b"') },
  {
    name: "nesting 100,000 deep",
    line: `${event("").slice(0, -1)},"deep":${"[".repeat(100_000)}`,
    code: /deep|undeclared/,
  },
  { name: "a duplicate key", line: event(`,"email":"${plant("second")}"`), code: /duplicate/ },
  { name: "a duplicate key, escaped", line: event(`,"em\\u0061il":"${plant("second")}"`), code: /duplicate/ },
  { name: "an escaped key", line: event("").replace('"email"', '"em\\u0061il"') },
  {
    name: "__proto__",
    line: event(`,"__proto__":{"email":"${plant("proto")}"}`),
    code: /unknown|undeclared/,
  },
  { name: "CRLF", line: `${event("")}\r` },
  { name: "a BOM inside the file", line: `\ufeff${event("")}`, code: /json|bom/ },
  { name: "2^63-1", line: event(',"count":9223372036854775807') },
  { name: "2^63", line: event(',"count":9223372036854775808'), code: /range|type|number/ },
  { name: "an int beyond 32 bits", line: event(',"small":2147483648'), code: /range|type|number/ },
  { name: "1e400", line: event(',"amount":1e400'), code: /range|number/ },
  { name: "many digits", line: event(',"amount":0.1000000000000000055511151231257827') },
  { name: "a number that JSON does not know", line: event(',"amount":01'), code: /json|number/ },
  {
    name: "a lone surrogate in a personal value",
    line: event("").replace('Zoë","email', 'Zo\\ud800","email'),
    code: /surrogate|utf|unicode/,
  },
  { name: "a lone surrogate elsewhere", line: event(',"note":"\\udc00"'), code: /surrogate|utf|unicode/ },
  { name: "a pair of surrogates", line: event(',"note":"\\ud83c\\udf89"') },
  {
    name: "a number at a personal path",
    line: event("").replace(/"email":"[^"]*"/, '"email":4711'),
    code: /type/,
  },
  {
    name: "an object at a personal path",
    line: event("").replace(/"email":("[^"]*")/, '"email":{"is":$1}'),
    code: /type/,
  },
  {
    name: "a list at a personal path",
    line: event("").replace(/"email":("[^"]*")/, '"email":[$1]'),
    code: /type/,
  },
  {
    name: "a text where a list is",
    line: event("").replace(/"phones":\[("[^"]*")\]/, '"phones":$1'),
    code: /type/,
  },
  {
    name: "an undeclared field",
    line: event(`,"surname":"${plant("undeclared")}"`),
    code: /unknown|undeclared/,
  },
  { name: "a consent that is a text", line: event("", '"1"'), code: /consent|type/ },
  { name: "a consent with a fraction", line: event("", "[1.5]"), code: /consent|type/ },
  { name: "no consent", line: event("").replace(/,"consents":\[0\]/, "") },
  {
    name: "a value that a pattern refuses",
    line: event("").replace('["PII', '["XPII'),
    code: /match|pattern/,
  },
  { name: "escapes in a personal value", line: event("").replace('Zoë","email', 'Zo\\u00eb\\n","email') },
  { name: "a line that is no object", line: `"${plant("text")}"`, code: /json|type|object/ },
  { name: "two values in one line", line: `${event("")} ${event("")}`, code: /json/ },
  {
    name: "a line over the bound",
    line: event(`,"note":"${"x".repeat(300_000)}${plant("large")}"`),
    code: /large/,
  },
  { name: "odd white space", line: ` \t${event(' \t, "amount" : 1.0e+2 ')} \t` },
];

/** How a value may stand in bytes: raw, JSON-escaped, hex, and base64 at each of the three alignments. */
function disguises(value: string): Buffer[] {
  const raw = Buffer.from(value);
  const escaped = [...value]
    .map((c) => (c > "~" ? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}` : c))
    .join("");
  const base64 = [0, 1, 2].map((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), raw])
      .toString("base64")
      .replace(/=+$/, "");
    return padded.slice(shift === 0 ? 0 : shift + 1, -2);
  });
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [value, escaped, raw.toString("hex"), raw.toString("hex").toUpperCase(), ...base64, ...url].map(
    (text) => Buffer.from(text),
  );
}

async function runHostile(output: "text" | "json") {
  const folder = emptyFolder();
  const lines = cases.flatMap(({ line }) => [Buffer.from(line), Buffer.from("\n")]);
  writeFiles(folder, {
    "people.strm": program,
    "in.jsonl": Buffer.concat([Buffer.from("\ufeff\n  \n\r\n"), ...lines]),
  });
  const result = await strm(["run", "people.strm", "--output", output], { cwd: folder });
  return { folder, result };
}

describe("a run over hostile input", () => {
  test("ends each line as the design says, keeps the rejected ones sealed, and balances", async () => {
    const { folder, result } = await runHostile("json");
    expect(result.code).toBe(5);
    const events = result.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const finished = events.at(-1);
    expect(finished).toMatchObject({ type: "finished", outcome: "completed", ledger: { balanced: true } });

    const master = JSON.parse(readFileSync(join(folder, ".strm/master.jwk"), "utf8"));
    expect(master.kty).toBe("oct");
    const files = [...filesBelow(join(folder, ".strm/jobs/people/quarantine")).values()];
    const records = files
      .flatMap((file) => file.toString().trimEnd().split("\n"))
      .map((line) => JSON.parse(line));
    // Three lines stand before the first case: a BOM with nothing, white space, and an empty CRLF line.
    cases.forEach(({ name, code }, i) => {
      const found = records.filter((record) => record.position.line === i + 4);
      if (code === undefined) {
        expect(
          found.map((record) => record.code),
          name,
        ).toEqual([]);
      } else {
        expect(found.length, name).toBeGreaterThan(0);
        for (const record of found) expect(record.code, name).toMatch(code);
      }
    });
    const refused = cases.filter((each) => each.code !== undefined).length;
    expect(finished.quarantine.events).toBe(refused);
    expect(linesOf(folder, "out/safe.jsonl").length).toBe(cases.length - refused);
    expect(linesOf(folder, "out/contact.jsonl").length).toBe(1);

    const source = finished.ledger.steps.find((step: { name: string }) => step.name === "people");
    expect(source).toMatchObject({
      in: cases.length,
      out: cases.length - refused,
      rejected: refused,
      in_flight: 0,
    });
  });

  test.each(["text", "json"] as const)(
    "shows no personal value anywhere but where consent opened it (%s)",
    async (output) => {
      const { folder, result } = await runHostile(output);
      const places = new Map<string, Buffer>([
        ["stdout", Buffer.from(result.stdout)],
        ["stderr", Buffer.from(result.stderr)],
        ...[...filesBelow(folder)].filter(([name]) => name !== "in.jsonl" && name !== "people.strm"),
      ]);
      expect([...places.keys()].some((name) => name.includes("keys.db"))).toBe(true);
      expect([...places.keys()].some((name) => name.includes("quarantine"))).toBe(true);
      const leaks: string[] = [];
      const opened: string[] = [];
      for (const value of planted) {
        const forms = disguises(value);
        for (const [place, content] of places) {
          if (!forms.some((form) => content.includes(form))) continue;
          (place === join("out", "contact.jsonl") && value.includes("-email-") ? opened : leaks).push(
            `${value} in ${place}`,
          );
        }
      }
      expect(leaks).toEqual([]);
      expect(opened.length).toBe(1);
    },
  );

  test("the search would find a leak", () => {
    const [value] = planted;
    if (value === undefined) throw new Error("nothing was planted");
    for (const shift of ["", "a", "ab"]) {
      const hidden = Buffer.from(Buffer.from(`${shift}${value} and more`).toString("base64"));
      expect(disguises(value).some((form) => hidden.includes(form))).toBe(true);
    }
  });
});
