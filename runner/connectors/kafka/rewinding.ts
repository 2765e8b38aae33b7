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
