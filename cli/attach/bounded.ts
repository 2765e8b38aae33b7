// Of what shapes of JSON from elsewhere are made: values with bounds, and texts that a terminal may have.
import { z } from "zod";
import type { OptionValue } from "../../dsl/index.ts";
import { printable } from "../output/units.ts";
import { firstOf, inOurWords } from "./misfit.ts";

/** As a shape builds it; options, whose type holds itself, stay as they are. */
export type Plain<T> = [OptionValue] extends [T] ? T : { -readonly [K in keyof T]: Plain<T[K]> };

/** Longer texts are cut: names, paths and sentences are shorter. */
const LONGEST_TEXT = 4_000;
const LONGEST_NAME = 300;

export const text = z.string("is not a text").overwrite((given) => printable(given.slice(0, LONGEST_TEXT)));

export const name = z.string("is not a name").overwrite(nameOf);

/** A count, a size, a span of time: never less than nothing. */
export const amount = z
  .number("is not an amount")
  .min(0, "is not an amount")
  .max(Number.MAX_SAFE_INTEGER, "is not an amount");

export const flag = z.boolean("is not true or false");

export const time = text.refine((given) => !Number.isNaN(Date.parse(given)), "is not a time");

export function oneOf<const T extends string | number | boolean>(...choices: readonly T[]): z.ZodLiteral<T> {
  return z.literal(choices, `is not ${choices.join(" or ")}`);
}

/** Of a failure or a rejection: one of this strm, or of a newer one. */
export function code<C extends string>(): z.ZodType<C> {
  return z.custom<C>(
    (given) => typeof given === "string" && /^[a-z][a-z0-9.-]{0,79}$/.test(given),
    "is not a code",
  );
}

/** Unknown members are left out. */
export function object<M extends z.core.$ZodShape>(members: M): z.ZodObject<M> {
  return z.object(members, "is not an object");
}

export function list<T>(item: z.ZodType<T>, most: number): z.ZodType<T[]> {
  return z
    .array(z.unknown(), "is not a list")
    .max(most, `is not a list of ${most} at most`)
    .transform((given, context) => readAll(item, [...given.entries()], context).map(([, one]) => one));
}

export function record<T>(member: z.ZodType<T>, most: number): z.ZodType<Record<string, T>> {
  return z.record(z.string(), z.unknown(), "is not an object").transform((given, context) => {
    const entries = Object.entries(given);
    if (entries.length > most) context.addIssue(`is not an object of ${most} at most`);
    const read = entries.length > most ? [] : readAll(member, entries, context);
    return Object.fromEntries(read.map(([key, one]) => [nameOf(key), one]));
  });
}

/** Ends at the first that does not fit. The library's own lists note every one, which takes a hundred times the memory of a hostile line. */
function readAll<K extends string | number, T>(
  shape: z.ZodType<T>,
  entries: readonly (readonly [K, unknown])[],
  context: z.RefinementCtx,
): readonly (readonly [K, T])[] {
  const read: (readonly [K, T])[] = [];
  for (const [key, value] of entries) {
    const one = shape.safeParse(value, inOurWords);
    if (!one.success) {
      const { path, message } = firstOf(one.error);
      context.addIssue({ code: "custom", path: [key, ...path], message });
      break;
    }
    read.push([key, one.data]);
  }
  return read;
}

function nameOf(given: string): string {
  return printable(given.slice(0, LONGEST_NAME));
}
