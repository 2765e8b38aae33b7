// A seeded generator of numbers: test data is the same on every machine and in every run.

export interface Random {
  /** An unsigned 32-bit integer. */
  next(): number;
  /** An integer in `[0, bound)`. */
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
}

/** SplitMix32: good enough for test data, and never for anything secret. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const below = (bound: number): number => Math.floor((next() / 0x1_0000_0000) * bound);
  return { next, below, pick: (items) => items[below(items.length)]! };
}
