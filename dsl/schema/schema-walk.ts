// Walks the JSON of an Avro schema: makes the model and says everything that is wrong with it, in our words.
import { closest } from "../text/closest.ts";
import { defaultFault } from "./default-fault.ts";
import { type JsonNode, jsonOf, member } from "./json-text.ts";
import {
  type PrimitiveKind,
  primitiveKinds,
  type RecordType,
  type SchemaField,
  type SchemaProblem,
  type SchemaType,
} from "./model.ts";
import { checkUnion } from "./union.ts";

/** Where the walk is: the namespace that names without dots belong to, and how people call the place. */
interface Place {
  readonly namespace: string;
  readonly title: string;
  readonly depth: number;
}

interface GivenDefault {
  readonly node: JsonNode;
  /** The field, as people call it. */
  readonly name: string;
  readonly type: SchemaType;
}

/** Events nest no deeper than this, so neither do their types. */
const maxDepth = 64;
const constructors = ["record", "enum", "fixed", "array", "map"];
const simpleName = /^[A-Za-z_]\w*$/;

export class SchemaWalk {
  readonly problems: SchemaProblem[] = [];
  /** By full name; a record is there before its fields are read, since they may refer to it. Undefined: it was refused. */
  readonly #named = new Map<string, SchemaType | undefined>();
  /** Defaults are checked at the end, when all types are known. */
  readonly #defaults: GivenDefault[] = [];

  /** Undefined where the schema is refused: `problems` says why. */
  document(node: JsonNode): RecordType | undefined {
    const type = member(node, "type");
    if (node.kind !== "object" || type?.kind !== "string" || type.value !== "record") {
      this.#report("schema.not-a-record", node, {
        message: "The schema's top is not a record.",
        label: "must be a record",
        help: 'Events are JSON objects: start with { "type": "record", "name": …, "fields": [ … ] }.',
      });
      return undefined;
    }
    const root = this.#type(node, { namespace: "", title: "the event", depth: 0 });
    // In a half-known schema a good default could look wrong.
    if (this.problems.length === 0) for (const given of this.#defaults) this.#checkDefault(given);
    return root?.kind === "record" && this.problems.length === 0 ? root : undefined;
  }

  #type(node: JsonNode, at: Place): SchemaType | undefined {
    if (at.depth > maxDepth) {
      const help = `At most ${maxDepth} levels are allowed, in schemas as in events.`;
      return this.#invalid(node, "The schema is nested too deeply.", "too deep", help);
    }
    if (node.kind === "string") return this.#name(node, node.value, at);
    if (node.kind === "array") return this.#union(node, node.items, at);
    if (node.kind === "object") return this.#object(node, at);
    const help = 'Write a name such as "string", a list of types (a union), or an object with a `type`.';
    return this.#invalid(node, `The type of ${at.title} is no type.`, "not a type", help);
  }

  #name(node: JsonNode, text: string, at: Place): SchemaType | undefined {
    const primitive = primitiveOf(text);
    if (primitive !== undefined) return { kind: primitive };
    const full = text.includes(".") || at.namespace === "" ? text : `${at.namespace}.${text}`;
    const name = [full, text].find((one) => this.#named.has(one));
    if (name !== undefined) return this.#named.get(name);
    if (constructors.includes(text)) {
      const help = `Write an object: ${constructorExamples[text] ?? ""}.`;
      return this.#invalid(node, `\`${text}\` is not a type by itself.`, "needs an object", help);
    }
    const near = closest(text, [...primitiveKinds, ...this.#knownNames()]);
    return this.#report("schema.unknown-type", node, {
      message: `The type of ${at.title} is \`${text}\`, which does not exist.`,
      label: "no such type",
      help:
        near === undefined
          ? "A type's definition must stand before its first use, in the same file."
          : `Did you mean \`${near}\`?`,
    });
  }

  #knownNames(): readonly string[] {
    return [...this.#named.keys()].flatMap((name) => [name, name.slice(name.lastIndexOf(".") + 1)]);
  }

  #union(node: JsonNode, items: readonly JsonNode[], at: Place): SchemaType | undefined {
    const deeper = { ...at, depth: at.depth + 1 };
    const read = items.map((item) => ({ node: item, type: this.#type(item, deeper) }));
    const branches = read.flatMap(({ node, type }) => (type === undefined ? [] : [{ node, type }]));
    if (branches.length < items.length) return undefined;
    const fault = checkUnion(node, branches, at.title);
    if (fault !== undefined) return this.#report(fault.code, fault.node, fault);
    return { kind: "union", branches: branches.map(({ type }) => type) };
  }

  #object(node: JsonNode, at: Place): SchemaType | undefined {
    const type = this.#member(node, "type", at);
    if (type === undefined) return undefined;
    if (type.kind !== "string") return this.#type(type, { ...at, depth: at.depth + 1 });
    switch (type.value) {
      case "record":
      case "enum":
      case "fixed":
        return this.#definition(node, type.value, at);
      case "array":
      case "map": {
        const key = type.value === "array" ? "items" : "values";
        const inner = this.#member(node, key, at);
        const title = type.value === "array" ? `the items of ${at.title}` : `the values of ${at.title}`;
        const of = inner && this.#type(inner, { ...at, title, depth: at.depth + 1 });
        if (of === undefined) return undefined;
        return type.value === "array" ? { kind: "array", items: of } : { kind: "map", values: of };
      }
      default: {
        const primitive = primitiveOf(type.value);
        return primitive === undefined
          ? this.#name(type, type.value, at)
          : { kind: primitive, ...logicalOf(node) };
      }
    }
  }

  #definition(node: JsonNode, kind: "record" | "enum" | "fixed", at: Place): SchemaType | undefined {
    const name = this.#fullName(node, kind, at);
    if (name === undefined) return undefined;
    if (kind === "record") return this.#record(node, name, at);
    const type = kind === "enum" ? this.#enum(node, name, at) : this.#fixed(node, name, at);
    this.#named.set(name, type);
    return type;
  }

  #fullName(node: JsonNode, kind: string, at: Place): string | undefined {
    const nameNode = this.#member(node, "name", at);
    if (nameNode === undefined) return undefined;
    const spaceNode = member(node, "namespace");
    const given = nameNode.kind === "string" ? nameNode.value : "";
    const own = spaceNode?.kind === "string" ? spaceNode.value : undefined;
    const namespace = own ?? at.namespace;
    const name = given.includes(".") || namespace === "" ? given : `${namespace}.${given}`;
    if (primitiveOf(name) !== undefined || !name.split(".").every((part) => simpleName.test(part))) {
      const help =
        "A name is letters, digits and `_`, and starts with no digit. Dots part the namespace from it.";
      const place = simpleName.test(given) && spaceNode !== undefined ? spaceNode : nameNode;
      return this.#invalid(place, `\`${name}\` can't be the name of a type.`, "not a name", help);
    }
    if (this.#named.has(name)) {
      const help = `Refer to the first one by its name, "${name}", or give this one another name.`;
      const message = `The ${kind} \`${name}\` is defined twice.`;
      return this.#report("schema.duplicate-name", nameNode, { message, label: "again", help });
    }
    return name;
  }

  #record(node: JsonNode, name: string, at: Place): RecordType {
    const fields: SchemaField[] = [];
    const record: RecordType = { kind: "record", name, fields };
    this.#named.set(name, record);
    const namespace = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    const seen = new Set<string>();
    for (const item of this.#list(node, "fields", at) ?? []) {
      const field = this.#field(item, seen, { ...at, namespace });
      if (field !== undefined) fields.push(field);
    }
    return record;
  }

  #field(node: JsonNode, seen: Set<string>, at: Place): SchemaField | undefined {
    if (node.kind !== "object") {
      const help = 'Write { "name": "url", "type": "string" }.';
      return this.#invalid(node, `A field of ${at.title} is not an object.`, "not a field", help);
    }
    const nameNode = this.#member(node, "name", at, "A field");
    if (nameNode === undefined) return undefined;
    const name = nameNode.kind === "string" ? nameNode.value : "";
    if (!simpleName.test(name)) {
      const help = "A name is letters, digits and `_`, and starts with no digit.";
      return this.#invalid(nameNode, `\`${name}\` can't be the name of a field.`, "not a name", help);
    }
    const title = at.title.startsWith("`") ? `${at.title.slice(0, -1)}.${name}\`` : `\`${name}\``;
    if (seen.has(name)) {
      const message = `The field ${title} is defined twice.`;
      return this.#report("schema.duplicate-name", nameNode, {
        message,
        label: "again",
        help: "Keep one of the two.",
      });
    }
    seen.add(name);
    const typeNode = this.#member(node, "type", { ...at, title });
    const type = typeNode && this.#type(typeNode, { ...at, title, depth: at.depth + 1 });
    if (type === undefined) return undefined;
    const defaultNode = member(node, "default");
    if (defaultNode !== undefined) this.#defaults.push({ node: defaultNode, name: title, type });
    return {
      name,
      type,
      hasDefault: defaultNode !== undefined,
      ...(defaultNode !== undefined && { default: jsonOf(defaultNode) }),
    };
  }

  #enum(node: JsonNode, name: string, at: Place): SchemaType | undefined {
    const items = this.#list(node, "symbols", at);
    if (items === undefined) return undefined;
    const symbols = new Set<string>();
    for (const item of items) {
      const symbol = item.kind === "string" ? item.value : "";
      if (!simpleName.test(symbol)) {
        const help = "A symbol is a text of letters, digits and `_`, and starts with no digit.";
        this.#invalid(item, `A symbol of the enum \`${name}\` is not a name.`, "not a name", help);
      } else if (symbols.has(symbol)) {
        const message = `The symbol \`${symbol}\` stands twice in the enum \`${name}\`.`;
        this.#report("schema.duplicate-name", item, {
          message,
          label: "again",
          help: "Keep one of the two.",
        });
      }
      symbols.add(symbol);
    }
    const type = { kind: "enum", name, symbols: [...symbols] } as const;
    const fallback = member(node, "default");
    if (fallback === undefined || (fallback.kind === "string" && symbols.has(fallback.value))) return type;
    return this.#report("schema.bad-default", fallback, {
      message: `The default of the enum \`${name}\` is not one of its symbols.`,
      label: "not a symbol",
      help: `Write one of ${[...symbols].slice(0, 8).join(", ")}.`,
    });
  }

  #fixed(node: JsonNode, name: string, at: Place): SchemaType | undefined {
    const size = this.#member(node, "size", at);
    if (size === undefined) return undefined;
    if (size.kind === "number" && Number.isSafeInteger(size.value) && size.value > 0) {
      return { kind: "fixed", name, sizeBytes: size.value, ...logicalOf(node) };
    }
    const help = "Write the number of bytes, 1 or more.";
    return this.#invalid(size, `The size of \`${name}\` is not a number of bytes.`, "not a size", help);
  }

  #checkDefault({ node, name, type }: GivenDefault): void {
    const fault = defaultFault(type, jsonOf(node));
    if (fault === undefined) return;
    const isUnion = type.kind === "union";
    const nullLast = isUnion && node.kind === "null" && type.branches.some(({ kind }) => kind === "null");
    this.#report("schema.bad-default", node, {
      message: isUnion
        ? `The default of ${name} doesn't fit the first type of its union.`
        : `The default of ${name} doesn't fit its type.`,
      label: `must be ${fault}`,
      help: nullLast
        ? 'Write "null" as the first type of the union: Avro takes the default from the first one.'
        : "Correct the default, or leave it out.",
    });
  }

  /** The list under `key`; an absent or another value is reported. */
  #list(node: JsonNode, key: string, at: Place): readonly JsonNode[] | undefined {
    const value = this.#member(node, key, at);
    if (value === undefined || value.kind === "array") return value?.items;
    return this.#invalid(
      value,
      `The \`${key}\` of ${at.title} are not a list.`,
      "not a list",
      `Write "${key}": [ … ].`,
    );
  }

  #member(node: JsonNode, key: string, at: Place, what = "The type"): JsonNode | undefined {
    const found = member(node, key);
    if (found !== undefined) return found;
    const keys = node.kind === "object" ? node.members.map((one) => one.key) : [];
    const near = closest(
      key,
      keys.filter((one) => !knownMembers.includes(one)),
    );
    return this.#report("schema.missing-member", node, {
      message: `${what} of ${at.title} has no \`${key}\`.`,
      label: `\`${key}\` is missing`,
      help: near === undefined ? `Add "${key}".` : `Is \`${near}\` a mistyped \`${key}\`?`,
    });
  }

  #invalid(node: JsonNode, message: string, label: string, help: string): undefined {
    return this.#report("schema.invalid", node, { message, label, help });
  }

  #report(
    code: SchemaProblem["code"],
    { kind, start, end }: JsonNode,
    { message, label, help }: Pick<SchemaProblem, "message" | "label" | "help">,
  ): undefined {
    // Of an object or a list, its opening bracket is enough to point at.
    const long = kind === "object" || kind === "array";
    this.problems.push({ code, message, label, help, start, end: long ? start + 1 : end });
    return undefined;
  }
}

const knownMembers = [
  "type",
  "name",
  "namespace",
  "fields",
  "symbols",
  "size",
  "items",
  "values",
  "doc",
  "default",
];

const constructorExamples: Readonly<Record<string, string>> = {
  record: '{ "type": "record", "name": …, "fields": [ … ] }',
  enum: '{ "type": "enum", "name": …, "symbols": [ … ] }',
  fixed: '{ "type": "fixed", "name": …, "size": … }',
  array: '{ "type": "array", "items": … }',
  map: '{ "type": "map", "values": … }',
};

function primitiveOf(name: string): PrimitiveKind | undefined {
  return primitiveKinds.find((kind) => kind === name);
}

/** Avro ignores logical types it doesn't know, and so does the model: it only carries them. */
function logicalOf(node: JsonNode): { readonly logicalType?: string } {
  const logical = member(node, "logicalType");
  return logical?.kind === "string" ? { logicalType: logical.value } : {};
}
