// Why a source can make no event of what it read.
import type { RefusedRecord } from "../../kernel/kernel.ts";

/** Goes into the batch beside the bytes as they came. */
export type Refused = Pick<RefusedRecord, "code" | "reason">;

/** Thrown within the code of this folder alone; whoever takes a value from outside turns it into what is refused. */
export class Refusal extends Error {
  readonly refused: Refused;

  constructor(code: Refused["code"], reason: string) {
    super(reason);
    this.refused = { code, reason };
  }
}

/** What `work` makes, or why it refused. */
export function refusing<T>(work: () => T): T | Refused {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.refused;
    throw error;
  }
}

export function notAvro(what: string): Refusal {
  return new Refusal("event.not-avro", `The event is no datum of its schema: ${what}.`);
}
