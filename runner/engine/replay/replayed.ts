// How a replayed event is counted: by the step that had refused it and those below, as if it came out of the quarantine.
import type { BatchResult, StepTally } from "../../kernel/kernel.ts";

/**
 * The results of a batch with one replayed event, as its step sees them. Steps above have counted it long ago; where one of them refuses or
 * withholds it now, since the pipeline was changed, that too happens at the step.
 */
export function replayedAt(step: string, counted: ReadonlySet<string>, result: BatchResult): BatchResult {
  const tally = result.tally.filter((each) => counted.has(each.step));
  const rejected = result.rejected.map((rejection) =>
    counted.has(rejection.step) ? rejection : { ...rejection, step },
  );
  const arrived = tally.some((each) => each.step === step && each.in > 0);
  return {
    ...result,
    rejected,
    tally: arrived ? tally : tally.map((each) => keptAbove(each, step, rejected.length)),
  };
}

function keptAbove(tally: StepTally, step: string, rejected: number): StepTally {
  return tally.step === step ? { step, in: 1, out: 0, withheld: 1 - rejected, rejected } : tally;
}
