// Which cases a measurement takes: those that were asked for, with those they are set against.
import type { Case } from "./case.ts";

/** `wanted` holds names, or what names start with up to a dash; empty: all of them. Throws where nothing is called so. */
export function chooseCases(cases: readonly Case[], wanted: readonly string[]): readonly Case[] {
  if (wanted.length === 0) return cases;
  const isCalled = (name: string, word: string): boolean => name === word || name.startsWith(`${word}-`);
  const unknown = wanted.filter((word) => !cases.some(({ name }) => isCalled(name, word)));
  if (unknown.length > 0) {
    const names = cases.map(({ name }) => name).join(", ");
    throw new Error(`no case is called ${unknown.join(", ")}; there are ${names}`);
  }
  const chosen = cases.filter(({ name }) => wanted.some((word) => isCalled(name, word)));
  const needed = new Set(chosen.flatMap(({ beyond }) => (beyond === undefined ? [] : [beyond.case])));
  return cases.filter((each) => chosen.includes(each) || needed.has(each.name));
}
