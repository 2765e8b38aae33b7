// Consent: which levels an event carries, and whether they cover what a stream asks for.

/** The highest level a program may name. */
export const maxLevel = 1000;

export interface ConsentRule {
  /** A level implies all lower ones. */
  readonly cumulative: boolean;
  /** The declared levels, ascending, which a cumulative level spreads over; empty: every integer from 0. */
  readonly declared: readonly number[];
}

/** E as an ascending list without repeats. */
export function spread(levels: readonly number[], rule: ConsentRule): readonly number[] {
  const given = [...new Set(levels)].sort((a, b) => a - b);
  const highest = given.at(-1);
  if (!rule.cumulative || highest === undefined) return given;
  const lower =
    rule.declared.length > 0
      ? rule.declared.filter((level) => level <= highest)
      : Array.from({ length: highest + 1 }, (_, level) => level);
  return [...new Set([...lower, ...given])].sort((a, b) => a - b);
}

/** R ⊆ E, for ascending lists. */
export function covers(consented: readonly number[], asked: readonly number[]): boolean {
  let at = 0;
  for (const level of asked) {
    while (at < consented.length && consented[at]! < level) at++;
    if (consented[at] !== level) return false;
  }
  return true;
}
