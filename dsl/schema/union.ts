// Checks a union: its branches must differ in JSON, for that is all an event shows of its types.
import type { JsonNode } from "./json-text.ts";
import { jsonForm, type SchemaProblem, type SchemaType } from "./model.ts";

interface Branch {
  readonly node: JsonNode;
  readonly type: SchemaType;
}

export interface UnionFault extends Pick<SchemaProblem, "code" | "message" | "label" | "help"> {
  readonly node: JsonNode;
}

/** What is wrong with the union at `node`, whose field is called `title`; undefined: nothing. */
export function checkUnion(
  node: JsonNode,
  branches: readonly Branch[],
  title: string,
): UnionFault | undefined {
  const refuse = (
    code: UnionFault["code"],
    node: JsonNode,
    message: string,
    label: string,
    help: string,
  ): UnionFault => ({ code, node, message, label, help });
  if (branches.length === 0) {
    return refuse("schema.invalid", node, `The union of ${title} is empty.`, "no types", "Write its types.");
  }
  const byForm = new Map<string, Branch>();
  for (const branch of branches) {
    if (branch.type.kind === "union") {
      const message = `The union of ${title} has a union inside.`;
      const help = "Avro knows no such thing. Write all types in one list.";
      return refuse("schema.invalid", branch.node, message, "a union in a union", help);
    }
    const form = jsonForm(branch.type);
    const before = byForm.get(form);
    if (before !== undefined) {
      const [first, second] = [nameOf(before.type), nameOf(branch.type)];
      const message =
        first === second
          ? `The union of ${title} has \`${first}\` twice.`
          : `The union of ${title} has \`${first}\` and \`${second}\`, which look alike in JSON.`;
      const help = `Both are ${formNouns[form]}. Keep one of them, or give each a field of its own.`;
      return refuse("schema.ambiguous-union", branch.node, message, `${formNouns[form]} as well`, help);
    }
    byForm.set(form, branch);
  }
  return undefined;
}

const formNouns: Readonly<Record<ReturnType<typeof jsonForm>, string>> = {
  null: "null",
  boolean: "true or false",
  number: "a number",
  string: "a text",
  array: "a list",
  object: "an object",
  union: "several",
};

function nameOf(type: SchemaType): string {
  return "name" in type ? type.name : type.kind;
}
