// Runs all contenders once, then all of them again: what disturbs the machine for a while disturbs each of them alike.
import type { Contender, Figure } from "./contenders/contender.ts";

/** By contender's name: its figures, one a round, in the order of the rounds. */
export type Figures = ReadonlyMap<string, readonly Figure[]>;

/** Rejects where a contender fails, or `stop` is aborted. */
export async function runRounds(
  contenders: readonly Contender[],
  rounds: number,
  stop: AbortSignal,
  tell: (line: string) => void,
): Promise<Figures> {
  const figures = new Map(contenders.map(({ name }): [string, Figure[]] => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    // Every other round goes backwards, so that none always runs after the same one.
    for (const { name, measure } of round % 2 === 1 ? contenders : contenders.toReversed()) {
      stop.throwIfAborted();
      const figure = await measure().catch((error: unknown) => {
        // It ended because the signal reached it too.
        stop.throwIfAborted();
        throw error;
      });
      figures.get(name)?.push(figure);
      tell(`round ${round} of ${rounds}: ${name} ${(figure.wallMs / 1000).toFixed(2)} s`);
    }
  }
  return figures;
}
