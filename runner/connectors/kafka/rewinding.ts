// Turns what fails in the midst of writing into a way back to the last checkpoint.
import { Rewind, TransientFailure } from "../../failure.ts";

/** A producer that has failed is of no use any more, and what it held is undone: trying again means to go back to the last checkpoint. */
export async function rewinding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof TransientFailure ? asRewind(error) : error;
  }
}

/** The same failure, for what can't be tried again as it is. */
export function asRewind(failure: TransientFailure): Rewind {
  return new Rewind(failure.code, failure.message, failure.help, { cause: failure });
}

/** A group has given its partitions to others. */
export function staleMember(step: string, group: string): Rewind {
  return new Rewind(
    "kafka.stale-member",
    `The group \`${group}\` went on without this replica: what \`${step}\` has read since its last commit is read by others now.`,
    "It goes on from the last checkpoint by itself. Where it happens again and again, raise `session_timeout` or `rebalance_timeout`.",
  );
}
