// Patterns fit what their plain definition says, and cost little whatever they are compared with.
import { expect, test } from "vitest";
import { nameFits, pathFits, withoutBraces } from "../../../../runner/connectors/reading/pattern.ts";
import { seeded } from "../../../kit/random.ts";

/** By definition, and as slow as it may be. */
function fits([first, ...rest]: readonly string[], names: readonly string[], hidden: string): boolean {
  const [name, ...below] = names;
  if (first === undefined || name === undefined) return first === name;
  const shown = (segment: string) => !hidden.includes(name.charAt(0) || "/") || segment[0] === name[0];
  if (first !== "**") return shown(first) && like(first, name) && fits(rest, below, hidden);
  if (rest.length > 0 && fits(rest, names, hidden)) return true;
  return shown("") && (below.length > 0 ? fits([first, ...rest], below, hidden) : rest.length === 0);
}

function like(segment: string, name: string): boolean {
  if (segment === "") return name === "";
  if (segment[0] === "*")
    return like(segment.slice(1), name) || (name !== "" && like(segment, name.slice(1)));
  return (
    name !== "" && (segment[0] === "?" || segment[0] === name[0]) && like(segment.slice(1), name.slice(1))
  );
}

test("paths fit as the definition says", () => {
  const random = seeded(7);
  const textOf = (letters: string, most: number) =>
    Array.from({ length: random.below(most + 1) }, () => random.pick([...letters])).join("");
  let fitting = 0;
  for (let i = 0; i < 20_000; i++) {
    const pattern = Array.from({ length: 1 + random.below(4) }, () =>
      random.below(3) === 0 ? "**" : textOf("ab*?._", 4),
    );
    const names = Array.from({ length: 1 + random.below(4) }, () => textOf("aab._", 3));
    const hidden = random.pick(["", ".", "._"]);
    const expected = fits(pattern, names, hidden);
    if (expected) fitting++;
    expect([pattern, names, hidden, pathFits(pattern, hidden)(names)]).toEqual([
      pattern,
      names,
      hidden,
      expected,
    ]);
  }
  expect(fitting).toBeGreaterThan(500);
});

test("many stars don't take long to say no", () => {
  const name = "a".repeat(1000);
  expect(nameFits(`${"*a".repeat(30)}b`, "")(name)).toBe(false);
  const names = Array.from({ length: 500 }, () => "a");
  expect(pathFits([..."**/a/".repeat(30).split("/"), "b"], "")(names)).toBe(false);
});

test("a character is one, however many units it has", () => {
  expect(nameFits("?", "")("\u{1f600}")).toBe(true);
  expect(nameFits("??", "")("\u{1f600}")).toBe(false);
});

test("braces may stand in braces; one without a comma is a brace", () => {
  expect(withoutBraces("a{b,c{d,e}}f{g}")).toEqual(["abf{g}", "acdf{g}", "abf{g}", "acef{g}"]);
});
