// Makes pairs of Avro schemas of which the second can read what the first wrote, and values of the first.
import type { Json } from "../../dsl/spec/option-value.ts";
import type { Random } from "./random.ts";

export interface SchemaPair {
  readonly writer: Json;
  readonly reader: Json;
  /** As avsc takes it, with wrapped unions. */
  readonly value: () => unknown;
}

interface Pair extends SchemaPair {
  /** The writer's branch name in a union. */
  readonly name: string;
  /** A default of the reader's. */
  readonly fill: Json;
}

/** Both are records. */
export function schemaPair(random: Random): SchemaPair {
  return new Making(random).record(3);
}

class Making {
  readonly #random: Random;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  record(depth: number): Pair {
    const random = this.#random;
    const name = this.#name("R");
    const both = Array.from({ length: 1 + random.below(4) }, () => ({
      name: this.#name("f"),
      of: this.#any(depth - 1),
    }));
    const dropped = Array.from({ length: random.below(3) }, () => ({
      name: this.#name("w"),
      of: this.#any(depth - 1),
    }));
    const added = Array.from({ length: random.below(3) }, () => ({
      name: this.#name("r"),
      of: this.#any(depth - 1),
    }));
    const inWriter = random.below(2) === 0 ? [...both, ...dropped] : shuffled([...both, ...dropped], random);
    const inReader = random.below(2) === 0 ? both : shuffled([...both, ...added], random);
    const writer = inWriter.map((field) => ({ name: field.name, type: field.of.writer }));
    const reader = inReader.map((field) => {
      const renamed = both.includes(field) && random.below(6) === 0;
      return {
        name: renamed ? `${field.name}x` : field.name,
        ...(renamed && { aliases: [field.name] }),
        type: field.of.reader,
        ...(!both.includes(field) && { default: field.of.fill }),
      };
    });
    const fill = Object.fromEntries(reader.map((field, i) => [field.name, inReader[i]?.of.fill ?? null]));
    return {
      name,
      writer: { type: "record", name, fields: writer },
      reader: { type: "record", name, fields: reader },
      value: () => Object.fromEntries(inWriter.map((field) => [field.name, field.of.value()])),
      fill,
    };
  }

  #any(depth: number): Pair {
    const kinds = depth <= 0 ? 6 : 11;
    switch (this.#random.below(kinds)) {
      case 6:
        return this.record(depth);
      case 7: {
        const { writer, reader, value } = this.#any(depth - 1);
        return {
          name: "array",
          writer: { type: "array", items: writer },
          reader: { type: "array", items: reader },
          value: () => Array.from({ length: this.#random.below(4) }, value),
          fill: [],
        };
      }
      case 8: {
        const { writer, reader, value } = this.#any(depth - 1);
        const keys = (): string[] => ["a", "ключ", ""].slice(this.#random.below(4));
        return {
          name: "map",
          writer: { type: "map", values: writer },
          reader: { type: "map", values: reader },
          value: () => Object.fromEntries(keys().map((key) => [key, value()])),
          fill: {},
        };
      }
      case 9:
      case 10:
        return this.#union(depth);
      default:
        return this.#leaf();
    }
  }

  /** Null and another type, in both schemas or in the reader's alone. */
  #union(depth: number): Pair {
    const random = this.#random;
    let of = this.#any(depth - 1);
    while (of.name === "union" || of.name === "null") of = this.#leaf();
    const branches = (inner: Json): Json => (random.below(2) === 0 ? ["null", inner] : [inner, "null"]);
    const written = random.below(3) > 0;
    const reader = branches(of.reader);
    return {
      name: "union",
      writer: written ? branches(of.writer) : of.writer,
      reader,
      value: () => {
        if (!written) return of.value();
        return random.below(3) === 0 ? null : { [of.name]: of.value() };
      },
      fill: Array.isArray(reader) && reader[0] === "null" ? null : of.fill,
    };
  }

  #leaf(): Pair {
    const random = this.#random;
    const pick = <T>(...items: readonly T[]): T => random.pick(items);
    const text = (): string =>
      pick("", "a", "käse", "日本", "\u0000\ud83c\udf89", "x".repeat(pick(17, 64, 200)));
    switch (random.below(7)) {
      case 0: {
        const value = () => pick(0, -1, 1, 2 ** 31 - 1, -(2 ** 31));
        return { name: "int", writer: "int", reader: pick("int", "long", "float", "double"), value, fill: 7 };
      }
      case 1: {
        const reader = pick("long", "float", "double");
        // avsc is wrong about what is beyond 2^53 where it makes a double of it.
        const large = reader === "long" ? [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n] : [2n ** 52n];
        const value = () => pick(0n, -1n, 63n, 64n, ...large);
        return { name: "long", writer: "long", reader, value, fill: -3 };
      }
      case 2: {
        const value = () => pick(0, 1.5, -(2 ** 40));
        return { name: "float", writer: "float", reader: pick("float", "double"), value, fill: 0.5 };
      }
      case 3: {
        const writer = pick("string", "bytes");
        const value = () => (writer === "string" ? text() : Buffer.from(text()));
        return { name: writer, writer, reader: pick("string", "bytes"), value, fill: "d\u00e9" };
      }
      case 4: {
        const [name, size] = [this.#name("F"), pick(1, 16)];
        const type = { type: "fixed", name, size };
        return {
          name,
          writer: type,
          reader: type,
          value: () => Buffer.alloc(size, random.next()),
          fill: "\u00ff".repeat(size),
        };
      }
      case 5: {
        const name = this.#name("E");
        const [writes, reads] = [pick(["A", "B"], ["B", "A"]), pick(["A", "B"], ["C", "B", "A"])];
        const value = () => pick("A", "B");
        return {
          name,
          writer: { type: "enum", name, symbols: writes },
          reader: { type: "enum", name, symbols: reads },
          value,
          fill: "B",
        };
      }
      default:
        return {
          name: "boolean",
          writer: "boolean",
          reader: "boolean",
          value: () => pick(true, false),
          fill: true,
        };
    }
  }

  #name(kind: string): string {
    return `${kind}${this.#names++}`;
  }
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
