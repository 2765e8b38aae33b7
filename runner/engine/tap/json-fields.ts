// Takes a valid JSON event apart into its fields, each with its value as it is spelled there; what may not be shown is left where it is.
import { JsonWalker } from "../../kernel/reference/json-walker.ts";
import type { TapEvent, TapField } from "./tap.ts";
import type { TapTarget } from "./target.ts";

const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const comma = 0x2c;

/** Nobody reads more, and an event may have a great many. */
export const MOST_FIELDS = 500;
/** Stands for the names of fields that the contract does not know. */
const UNDECLARED = "(undeclared)";
const MOST_VALUE_BYTES = 2_000;

const utf8 = new TextDecoder();

type Rules = Pick<TapTarget, "shows" | "knows" | "splits">;

export class JsonFields extends JsonWalker {
  readonly #target: Rules;
  readonly #uncovered: boolean;
  #fields: TapField[] = [];
  #more = 0;

  constructor(target: Rules, uncovered: boolean) {
    super();
    this.#target = target;
    this.#uncovered = uncovered;
  }

  /** Of the event that begins at `start`. */
  of(bytes: Uint8Array, start: number): Pick<TapEvent, "fields" | "more"> {
    this.bytes = bytes;
    this.#fields = [];
    this.#more = 0;
    this.#value(this.space(start), "", "");
    return { fields: this.#fields, more: this.#more };
  }

  /** `path` is the contract's, `place` has the places in lists too. Returns where the value ends. */
  #value(p: number, path: string, place: string): number {
    const c = this.bytes[p];
    const splits = path === "" || this.#target.splits(path);
    if (splits && c === openObject) return this.#members(p, path, place);
    if (splits && c === openList) return this.#items(p, path, place);
    const end = this.endOfValue(p);
    const shown = this.#uncovered || this.#target.shows(path);
    const value = shown ? textOf(this.bytes, p, end) : undefined;
    if (this.#fields.length < MOST_FIELDS) this.#fields.push({ path: place, value });
    else this.#more++;
    return end;
  }

  #members(open: number, path: string, place: string): number {
    let p = this.space(open + 1);
    while (this.bytes[p] !== closeObject) {
      const close = this.endOfString(p + 1);
      const name = String(JSON.parse(utf8.decode(this.bytes.subarray(p, close + 1))));
      const value = this.space(this.space(close + 1) + 1);
      const own = below(path, name);
      const named = this.#uncovered || this.#target.knows(own) ? name : UNDECLARED;
      p = this.space(this.#value(value, own, below(place, named)));
      if (this.bytes[p] === comma) p = this.space(p + 1);
    }
    return p + 1;
  }

  #items(open: number, path: string, place: string): number {
    let p = this.space(open + 1);
    for (let i = 0; this.bytes[p] !== closeList; i++) {
      p = this.space(this.#value(p, path, `${place}[${i}]`));
      if (this.bytes[p] === comma) p = this.space(p + 1);
    }
    return p + 1;
  }
}

/** A name with a dot in it must not pass for a field of a record that the contract has. */
function below(path: string, name: string): string {
  const own = name.replaceAll(".", "\\.");
  return path === "" ? own : `${path}.${own}`;
}

/** As it is spelled, without what stands beyond the bound. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= MOST_VALUE_BYTES) return utf8.decode(bytes.subarray(start, end));
  return `${utf8.decode(bytes.subarray(start, start + MOST_VALUE_BYTES)).replace(/\ufffd$/, "")}…`;
}
