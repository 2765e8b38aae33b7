// What comes from elsewhere is read by a shape, or is refused with the place where it does not fit.
import type { z } from "zod";
import { printable } from "../output/units.ts";

const LONGEST_PLACE = 300;

/** Says where a value does not fit, and never the value. */
export class Misfit extends Error {
  override readonly name = "Misfit";
  /** Such as `progress.ledger.steps.3.in`. */
  readonly place: string;

  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.place = printable(path.map(String).join(".").slice(0, LONGEST_PLACE));
  }
}

/** Shapes bring their own words. Those of the library may quote what came, so that there are these where a shape has none. */
export const inOurWords = { error: () => "does not fit" };

/** Builds anew what the shape knows of `value`. Throws a `Misfit` with a path that begins with `within`. */
export function fitting<T>(shape: z.ZodType<T>, value: unknown, ...within: readonly string[]): T {
  const read = shape.safeParse(value, inOurWords);
  if (read.success) return read.data;
  const { path, message } = firstOf(read.error);
  throw new Misfit([...within, ...path], message);
}

export function firstOf({ issues: [first] }: z.ZodError): Pick<z.core.$ZodIssue, "path" | "message"> {
  return first ?? { path: [], message: inOurWords.error() };
}
