// Shapes of JSON that comes from elsewhere: what fits is built anew, with bounds, and with texts that a terminal may have.
import type { OptionValue } from "../../dsl/index.ts";
import { printable } from "../output/units.ts";

/** Reads a value of one type; throws a `Misfit` where it is none. Members that nobody asks for are left out. */
export interface Shape<T> {
  readonly read: (value: unknown) => T;
  /** A member that may be absent. */
  readonly optional?: true;
}

/** Says where a value does not fit, and never the value. */
export class Misfit extends Error {
  override readonly name = "Misfit";
  readonly #path: string[] = [];

  within(name: string): this {
    this.#path.unshift(name);
    return this;
  }

  /** Such as `ledger.steps.3.in`. */
  get place(): string {
    return this.#path.join(".");
  }
}

/** Longer texts are cut: names, paths and sentences are shorter. */
const LONGEST_TEXT = 4_000;
const DEEPEST = 32;

export const text: Shape<string> = {
  read: (value) => (typeof value === "string" ? printable(value.slice(0, LONGEST_TEXT)) : misfit("a text")),
};

export const name: Shape<string> = {
  read: (value) => (typeof value === "string" ? printable(value.slice(0, 300)) : misfit("a name")),
};

/** A count, a size, a span of time: never less than nothing. */
export const amount: Shape<number> = {
  read: (value) =>
    typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : misfit("an amount"),
};

export const flag: Shape<boolean> = {
  read: (value) => (typeof value === "boolean" ? value : misfit("true or false")),
};

export const time: Shape<string> = {
  read: (value) => {
    const moment = text.read(value);
    return Number.isNaN(Date.parse(moment)) ? misfit("a time") : moment;
  },
};

export function oneOf<const T extends string | number | boolean>(...choices: readonly T[]): Shape<T> {
  return { read: (value) => choices.find((choice) => choice === value) ?? misfit(choices.join(" or ")) };
}

export function nullable<T>({ read }: Shape<T>): Shape<T | null> {
  return { read: (value) => (value === null ? null : read(value)) };
}

export function optional<T>(shape: Shape<T>): Shape<T> {
  return { read: shape.read, optional: true };
}

export function list<T>({ read }: Shape<T>, most: number): Shape<readonly T[]> {
  return {
    read: (value) => {
      if (!Array.isArray(value)) return misfit("a list");
      if (value.length > most) return misfit(`a list of ${most} at most`);
      return value.map((item: unknown, i) => placed(String(i), read, item));
    },
  };
}

export function object<T extends object>(
  members: {
    readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>>;
  },
): Shape<T> {
  const shapes: readonly (readonly [string, Shape<unknown>])[] = Object.entries(members);
  return {
    read: (value) => {
      const given = membersOf(value);
      const fitting: readonly (readonly unknown[])[] = shapes.flatMap(([key, shape]) => {
        const member = Object.hasOwn(given, key) ? given[key] : undefined;
        if (member === undefined && shape.optional === true) return [];
        return [[key, placed(key, shape.read, member)]];
      });
      return Object.fromEntries(fitting);
    },
  };
}

export function record<T>({ read }: Shape<T>, most: number): Shape<Readonly<Record<string, T>>> {
  return {
    read: (value) => {
      const entries = Object.entries(membersOf(value));
      if (entries.length > most) return misfit(`an object of ${most} at most`);
      return Object.fromEntries(entries.map(([key, member]) => [name.read(key), placed("*", read, member)]));
    },
  };
}

/** What a reference refers to (`$env`, `$secret`, `$file`) is text. */
export const optionValue: Shape<OptionValue> = { read: (value) => readOption(value, 0) };

function readOption(value: unknown, depth: number): OptionValue {
  if (depth > DEEPEST) return misfit("less deep");
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "string") return text.read(value);
  if (Array.isArray(value)) return value.map((item: unknown) => readOption(item, depth + 1));
  const entries = Object.entries(membersOf(value)).map(([key, member]): [string, OptionValue] => [
    name.read(key),
    key.startsWith("$") ? text.read(member) : readOption(member, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : misfit("an object");
}

function placed<T>(key: string, read: (value: unknown) => T, value: unknown): T {
  try {
    return read(value);
  } catch (error) {
    throw error instanceof Misfit ? error.within(key) : error;
  }
}

function misfit(what: string): never {
  throw new Misfit(`is not ${what}`);
}
