// The codes about schemas and the paths into them.
import type { DiagnosticPage } from "../codes.ts";

export const schemaCodes = {
  "schema.not-found": {
    severity: "error",
    title: "A schema file can't be read",
    why: "A contract `from` a file takes the types of its fields from there. Without it nothing can be checked.",
    fix: "Check the path. It is relative to the file that the contract stands in.",
    example: {
      wrong: 'contract clickstream as "acme/clickstream/1.0.0" from "clickstrem.avsc" { … }',
      right: 'contract clickstream as "acme/clickstream/1.0.0" from "clickstream.avsc" { … }',
    },
  },
  "schema.invalid": {
    severity: "error",
    title: "A schema file is not a valid Avro schema",
    why: "The contract's file must be an Avro schema in JSON, and a record at its top, since events are JSON objects.",
    fix: "Correct the file at the place that the message names.",
    example: {
      wrong: '{ "type": "record", "name": "Click", "fields": [{ "name": "url", "type": "text" }] }',
      right: '{ "type": "record", "name": "Click", "fields": [{ "name": "url", "type": "string" }] }',
    },
  },
  "schema.ambiguous-union": {
    severity: "error",
    title: "A union whose types JSON writes alike",
    why: "Events are plain JSON, which doesn't say which type of a union a value has. Where two of them look alike, such as two records or an int and a double, nobody could tell which rules hold.",
    fix: "Keep one of the types, with or without null, or use a record with optional fields.",
    example: { wrong: '"type": ["null", "int", "double"]', right: '"type": ["null", "double"]' },
  },
  "schema.unknown-path": {
    severity: "error",
    title: "A field that the schema lacks",
    why: "A rule for a field that doesn't exist protects nothing, while the field that was meant stays unprotected.",
    fix: "Check the spelling of each part of the path against the schema.",
    example: { wrong: "custmer.id  @pii(analytics)", right: "customer.id  @pii(analytics)" },
  },
} as const satisfies Record<string, DiagnosticPage>;
