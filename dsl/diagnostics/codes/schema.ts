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
  "schema.json": {
    severity: "error",
    title: "A schema file is not valid JSON",
    why: "An Avro schema (`.avsc`) is a JSON document. JSON has no comments, no trailing commas and no single quotes, and a name stands once in an object.",
    fix: "Correct the file at the place shown.",
    example: {
      wrong: '{ "type": "record", "name": "Click", }',
      right: '{ "type": "record", "name": "Click", "fields": [] }',
    },
  },
  "schema.not-a-record": {
    severity: "error",
    title: "A schema's top is not a record",
    why: "An event is a JSON object with named fields, which Avro calls a record. Where a file holds a union of several types, nothing says which of them an event is.",
    fix: "Put the record at the top, and each type it uses at the place of its first use.",
    example: {
      wrong: '{ "type": "array", "items": "string" }',
      right: '{ "type": "record", "name": "Click", "fields": [{ "name": "url", "type": "string" }] }',
    },
  },
  "schema.unknown-type": {
    severity: "error",
    title: "A schema names a type that does not exist",
    why: "Avro has the types `null boolean int long float double bytes string`, and those that the schema itself defines: records, enums and fixed. A definition must stand before the first use of its name.",
    fix: "Check the spelling, and the namespace of the name.",
    example: {
      wrong: '{ "type": "record", "name": "Click", "fields": [{ "name": "url", "type": "text" }] }',
      right: '{ "type": "record", "name": "Click", "fields": [{ "name": "url", "type": "string" }] }',
    },
  },
  "schema.duplicate-name": {
    severity: "error",
    title: "A schema defines one name twice",
    why: "A type's full name is unique in a schema, a field's in its record, and a symbol's in its enum. Of two, nobody could say which is meant.",
    fix: "Give one of them another name. To use a type again, write only its name.",
    example: {
      wrong: '"fields": [{ "name": "id", "type": "string" }, { "name": "id", "type": "long" }]',
      right: '"fields": [{ "name": "id", "type": "string" }, { "name": "number", "type": "long" }]',
    },
  },
  "schema.missing-member": {
    severity: "error",
    title: "A part of a schema lacks a member it needs",
    why: "A field has `name` and `type`; a record `name` and `fields`; an enum `name` and `symbols`; a fixed `name` and `size`; an array `items`; a map `values`.",
    fix: "Add the member that the message names.",
    example: {
      wrong: '{ "name": "tags", "type": { "type": "array" } }',
      right: '{ "name": "tags", "type": { "type": "array", "items": "string" } }',
    },
  },
  "schema.bad-default": {
    severity: "error",
    title: "A default does not fit its type",
    why: "A default stands for a value that an event lacks, so it must be one that the type allows. For a union, Avro takes the first type.",
    fix: "Correct the default. For an optional field write `null` first in the union.",
    example: {
      wrong: '{ "name": "email", "type": ["string", "null"], "default": null }',
      right: '{ "name": "email", "type": ["null", "string"], "default": null }',
    },
  },
  "schema.ambiguous-union": {
    severity: "error",
    title: "A union has types that look alike in JSON",
    why: "Events are JSON, where a `string` and an `enum` are both a text, an `int` and a `double` both a number, and two records both an object. Which of them a value is could only be guessed.",
    fix: "Keep one type of each JSON kind in the union, or give each type a field of its own.",
    example: {
      wrong: '{ "name": "amount", "type": ["null", "int", "double"] }',
      right: '{ "name": "amount", "type": ["null", "double"] }',
    },
  },
  "schema.invalid": {
    severity: "error",
    title: "A schema file is not a valid Avro schema",
    why: "The contract's file must be an Avro schema, as the Avro specification defines it.",
    fix: "Correct the file at the place that the message names.",
    example: {
      wrong: '{ "name": "zip code", "type": "string" }',
      right: '{ "name": "zipCode", "type": "string" }',
    },
  },
  "schema.unknown-path": {
    severity: "error",
    title: "A field that the schema lacks",
    why: "A rule for a field that doesn't exist protects nothing, while the field that was meant stays unprotected.",
    fix: "Check the spelling of each part of the path against the schema.",
    example: { wrong: "custmer.id  @pii(analytics)", right: "customer.id  @pii(analytics)" },
  },
} as const satisfies Record<string, DiagnosticPage>;
