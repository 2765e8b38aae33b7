// The URL of a PostgreSQL store: what it means, what is refused, and that nothing of it is repeated.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLocal, parsePostgresUrl } from "../../../../runner/privacy/stores/postgres-url.ts";

const refusal = (url: string): string => {
  try {
    parsePostgresUrl(url);
  } catch (error) {
    expect(error).toMatchObject({ name: "StrmFailure", code: "keys.options" });
    if (error instanceof Error) return error.message;
  }
  throw new Error("it was not refused");
};

test.each([
  ["postgres://u:p@db.example:6543/keys", { host: "db.example", port: 6543, database: "keys" }],
  ["postgresql://u@db.example", { port: 5432, database: "u", password: undefined, sslMode: undefined }],
  ["postgres://u:p@[::1]:1/d", { host: "::1", port: 1 }],
  ["postgres://u@%2Fvar%2Frun%2Fpostgresql/d", { host: "/var/run/postgresql", database: "d" }],
  [
    "postgres://u:p@h/d?sslmode=verify-ca&application_name=a%20b",
    { sslMode: "verify-ca", applicationName: "a b" },
  ],
  ["postgres://u:p@h/d?sslmode=require", { sslMode: "verify-full" }],
  ["postgres://u:p@h/d", { applicationName: "strm" }],
  ["postgres://u:p@h/.", { database: "." }],
  ["postgres://u:p@h/%2E%2e?sslmode=require\n", { database: ".." }],
  [" postgres://u:p@h/d\n", { database: "d" }],
])("%s", (url, expected) => {
  expect(parsePostgresUrl(url)).toMatchObject(expected);
});

test("any user, password and database can be written", () => {
  const part = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(
    fc.property(part, part, part, (user, password, database) => {
      const [u, p, d] = [user, password, database].map(encodeURIComponent);
      expect(parsePostgresUrl(`postgres://${u}:${p}@h/${d}`)).toMatchObject({ user, password, database });
    }),
  );
});

describe("refused", () => {
  test.each([
    ["", /form/],
    ["db.example:5432", /form/],
    ["mysql://u:geheim@h/d", /form/],
    ["postgres://u:ge#heim@h/d", /form|host/],
    ["postgres://u:geheim@/d", /form|host/],
    ["postgres://h/d", /user/],
    ["postgres://u:geheim%zz@h/d", /percent/],
    ["postgres://u:geheim@h/d?sslmode=prefer", /sslmode/],
    ["postgres://u:geheim@h/d?sslrootcert=ca.pem", /parameter/],
    ["postgres://u:ge@heim?geheim=1@h/d", /parameter/],
    ["postgres://u:geheim@a:1,b:2/d", /form/],
  ])("%s", (url, message) => {
    const said = refusal(url);
    expect(said).toMatch(message);
    expect(said).not.toContain("geheim");
  });
});

test("whatever is written, it is taken or refused in words that hold nothing of it", () => {
  const pieces = fc.constantFrom(
    "postgres://",
    "geheim",
    "@",
    ":",
    "/",
    "?",
    "sslmode=",
    "%",
    "[",
    "]",
    "#",
    "h",
    "1",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      const url = parts.join("");
      try {
        parsePostgresUrl(url);
      } catch (error) {
        expect(error).toMatchObject({ name: "StrmFailure", code: "keys.options" });
        expect(JSON.stringify(error) + String(error)).not.toContain("geheim");
      }
    }),
    { numRuns: 2000 },
  );
});

test("what does not leave the machine is told from what does", () => {
  for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "::1", "/run/postgresql"])
    expect(isLocal({ host }), host).toBe(true);
  for (const host of ["db", "10.0.0.1", "127.example", "localhost.example", "::2"])
    expect(isLocal({ host }), host).toBe(false);
});
