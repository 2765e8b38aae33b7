// Reads members of JSON that strm itself wrote: positions and states that come back from a checkpoint.
import type { Json } from "../../dsl/spec/option-value.ts";

/** What is missing, or of another type, is zero, empty or false. */
export class Fields {
  readonly #json: Json | undefined;

  constructor(json: Json | undefined) {
    this.#json = json;
  }

  /** True where there is such a member, and it is not null. */
  has(name: string): boolean {
    const value = this.#member(name);
    return value !== undefined && value !== null;
  }

  number(name: string): number {
    const value = this.#member(name);
    return typeof value === "number" ? value : 0;
  }

  text(name: string): string {
    const value = this.#member(name);
    return typeof value === "string" ? value : "";
  }

  flag(name: string): boolean {
    return this.#member(name) === true;
  }

  /** As it is; null where it is missing. */
  json(name: string): Json {
    return this.#member(name) ?? null;
  }

  inner(name: string): Fields {
    return new Fields(this.#member(name));
  }

  list(name: string): readonly Fields[] {
    const value = this.#member(name);
    return Array.isArray(value) ? value.map((one: Json) => new Fields(one)) : [];
  }

  #member(name: string): Json | undefined {
    const json = this.#json;
    if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
    return Object.entries(json).find(([key]) => key === name)?.[1];
  }
}
