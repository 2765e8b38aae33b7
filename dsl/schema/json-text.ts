// Reads JSON with the place of every value, so that an error in a schema can point at it.
import type { Json } from "../spec/option-value.ts";

interface Place {
  /** Offsets in UTF-16 code units, half-open. */
  readonly start: number;
  readonly end: number;
}

export type JsonNode = Place &
  (
    | { readonly kind: "object"; readonly members: readonly JsonMember[] }
    | { readonly kind: "array"; readonly items: readonly JsonNode[] }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "boolean"; readonly value: boolean }
    | { readonly kind: "null"; readonly value: null }
  );

export interface JsonMember extends Place {
  readonly key: string;
  readonly value: JsonNode;
}

export interface JsonFault extends Place {
  /** A sentence. */
  readonly message: string;
  readonly help: string;
}

export type JsonText =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly fault: JsonFault };

/** Deeper nesting is refused, which keeps every walk over a schema within the stack. */
const maxDepth = 200;

/** Reads one JSON value (RFC 8259, no duplicate keys); a byte order mark before it is skipped. Stops at the first fault. */
export function readJsonText(text: string): JsonText {
  try {
    return { ok: true, node: new Reader(text).document() };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.fault };
    throw error;
  }
}

/** The member's value; undefined where there is none. */
export function member(node: JsonNode, key: string): JsonNode | undefined {
  return node.kind === "object" ? node.members.find((one) => one.key === key)?.value : undefined;
}

/** Carries a fault out of the recursion. */
class Fault extends Error {
  readonly fault: JsonFault;

  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside texts.
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /[A-Za-z_]\w*/y;

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith("\ufeff") ? 1 : 0;
  }

  document(): JsonNode {
    if (this.#next() === "") this.#fail("The file is empty.", "Write an Avro schema in JSON.");
    const node = this.#value(0);
    if (this.#next() !== "") this.#fail("Something stands behind the end of the JSON.", "Remove it.");
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > maxDepth)
      this.#fail("The JSON is nested too deeply.", `At most ${maxDepth} levels are read.`);
    const next = this.#next();
    const start = this.#at;
    if (next === "{") return this.#object(start, depth);
    if (next === "[") return this.#array(start, depth);
    if (next === '"') {
      const value = this.#string();
      return { kind: "string", value, start, end: this.#at };
    }
    const digits = this.#match(number);
    if (digits !== "") return { kind: "number", value: Number(digits), start, end: this.#at };
    const name = this.#match(word);
    if (name === "true" || name === "false")
      return { kind: "boolean", value: name === "true", start, end: this.#at };
    if (name === "null") return { kind: "null", value: null, start, end: this.#at };
    this.#at = start;
    return this.#refuse("a value");
  }

  #object(start: number, depth: number): JsonNode {
    this.#at++;
    const members = new Map<string, JsonMember>();
    let closed = this.#take("}");
    while (!closed) {
      this.#next();
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') this.#refuse("a name in double quotes");
      const key = this.#string();
      if (members.has(key)) {
        this.#at = keyStart;
        this.#fail(`\`${key}\` stands twice in one object.`, "Keep one of the two.", key.length + 2);
      }
      if (!this.#take(":")) this.#refuse("a colon");
      const value = this.#value(depth + 1);
      members.set(key, { key, value, start: keyStart, end: value.end });
      closed = this.#separator("}");
    }
    return { kind: "object", members: [...members.values()], start, end: this.#at };
  }

  #array(start: number, depth: number): JsonNode {
    this.#at++;
    const items: JsonNode[] = [];
    let closed = this.#take("]");
    while (!closed) {
      items.push(this.#value(depth + 1));
      closed = this.#separator("]");
    }
    return { kind: "array", items, start, end: this.#at };
  }

  /** True where the list ends here; false behind a comma. */
  #separator(close: "}" | "]"): boolean {
    if (this.#take(close)) return true;
    const comma = this.#next() === "," ? this.#at : -1;
    if (!this.#take(",")) this.#refuse(`a comma or \`${close}\``);
    if (this.#next() !== close) return false;
    this.#at = comma;
    return this.#fail(`JSON has no comma before \`${close}\`.`, "Remove the comma.");
  }

  #string(): string {
    const literal = this.#match(string);
    if (literal === "") this.#refuse('a text that ends with `"` in the same line');
    return String(JSON.parse(literal));
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  /** The next character that is not white space; empty at the end. */
  #next(): string {
    this.#match(space);
    return this.#text.charAt(this.#at);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #refuse(expected: string): never {
    const next = this.#next();
    const start = this.#at;
    const found = this.#match(word);
    this.#at = start;
    if (next === "/")
      this.#fail("JSON has no comments.", "Remove the comment, or write it as a `doc` member.");
    if (next === "'") this.#fail("Texts in JSON stand in double quotes.", "Replace the single quotes.");
    const there = next === "" ? "the file ends" : `there is \`${found || next}\``;
    const help =
      found === "" ? "Correct the JSON here." : `A text stands in double quotes: "${found.slice(0, 40)}".`;
    return this.#fail(`The JSON needs ${expected} here, but ${there}.`, help, Math.max(1, found.length));
  }

  #fail(message: string, help: string, length = 1): never {
    const end = Math.min(this.#text.length, this.#at + length);
    throw new Fault({ message, help, start: Math.min(this.#at, end), end });
  }
}

/** The plain JSON value of a node. */
export function jsonOf(node: JsonNode): Json {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.members.map(({ key, value }) => [key, jsonOf(value)]));
    case "array":
      return node.items.map(jsonOf);
    default:
      return node.value;
  }
}
