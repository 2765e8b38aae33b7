// Reads an Avro schema from JSON text into the model, or says everything that is wrong with it.
import avsc from "avsc";
import type { Json } from "../spec/option-value.ts";
import { type JsonNode, jsonOf, readJsonText } from "./json-text.ts";
import { hasTooManyPaths, maxPaths } from "./lookup.ts";
import type { Schema, SchemaProblem } from "./model.ts";
import { SchemaWalk } from "./schema-walk.ts";

export type SchemaResult =
  | { readonly schema: Schema; readonly problems?: undefined }
  | { readonly schema?: undefined; readonly problems: readonly SchemaProblem[] };

/** Reads the text of an `.avsc` file. Problems come in the order of the text; never throws. */
export function readSchema(text: string): SchemaResult {
  const json = readJsonText(text);
  if (!json.ok) return { problems: [{ code: "schema.json", label: "not valid JSON", ...json.fault }] };
  return readNode(json.node);
}

/** Reads a schema that is JSON already, such as the one in a job graph; places of problems mean nothing then. */
export function schemaOfJson(json: Json): SchemaResult {
  return readSchema(JSON.stringify(json));
}

function readNode(node: JsonNode): SchemaResult {
  const walk = new SchemaWalk();
  const root = walk.document(node);
  if (root === undefined) return { problems: walk.problems.toSorted((a, b) => a.start - b.start) };
  const invalid = (message: string, label: string, help: string): SchemaResult => ({
    problems: [{ code: "schema.invalid", message, label, help, start: node.start, end: node.start + 1 }],
  });
  const json = jsonOf(node);
  // Our walk finds the faults we have words for; Avro's own library has the last word.
  const refusal = avroRefusal(json);
  if (refusal !== undefined) {
    const help = "Correct the schema as Avro's message says.";
    return invalid(`Avro refuses the schema: ${refusal}.`, "not a valid Avro schema", help);
  }
  const schema = { root, json };
  if (!hasTooManyPaths(schema)) return { schema };
  const message = `The schema has more than ${maxPaths} fields, those of a type counted wherever it is used.`;
  return invalid(message, "too many fields", "Split the contract: no event needs so many fields.");
}

/** Why Avro's library refuses the schema, without a full stop; undefined: it takes it. */
function avroRefusal(json: Json): string | undefined {
  try {
    // It gets a copy: it may write into what it is given.
    avsc.Type.forSchema(JSON.parse(JSON.stringify(json)));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/\.$/, "") : "no reason given";
  }
}
