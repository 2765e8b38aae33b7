// Adds up by source how many events came with which consent, over all batches of a run.
import type { ConsentCount } from "../kernel/kernel.ts";
import type { Consented } from "./events.ts";

/** More would be no picture any more, and hostile input must not make them many. */
const combinationsMax = 64;

type Sums = Map<string, { readonly levels: readonly number[] | null; events: number }>;

export class ConsentSums {
  /** By source, by the levels as JSON; `null` stands for all others. */
  readonly #sums = new Map<string, Sums>();

  add(source: string, counts: readonly ConsentCount[]): void {
    const sums = this.#of(source);
    for (const { levels, events } of counts) {
      const name = JSON.stringify(levels);
      const known = sums.has(name) || sums.size < combinationsMax;
      const key = known ? name : "null";
      const sum = sums.get(key) ?? { levels: known ? levels : null, events: 0 };
      sums.set(key, sum);
      sum.events += events;
    }
  }

  #of(source: string): Sums {
    const sums = this.#sums.get(source) ?? new Map();
    this.#sums.set(source, sums);
    return sums;
  }

  sums(): readonly Consented[] {
    return [...this.#sums].flatMap(([source, sums]) => [...sums.values()].map((sum) => ({ source, ...sum })));
  }
}
