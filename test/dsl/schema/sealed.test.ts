// The schema of a sealed stream has a complete `strmMeta`, and everything else as it was.
import { expect, test } from "vitest";
import type { RecordType } from "../../../dsl/schema/model.ts";
import { schemaOfJson } from "../../../dsl/schema/read.ts";
import { sealedRoot } from "../../../dsl/schema/sealed.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";

const filled = ["eventContractRef", "nonce", "timestamp", "keyLink", "consentLevels"];

function seal(...fields: Json[]): RecordType {
  const { schema } = schemaOfJson({ type: "record", name: "Click", fields });
  if (schema === undefined) throw new Error("the test's own schema is wrong");
  return sealedRoot(schema);
}

function metaOf(root: RecordType) {
  const meta = root.fields.find(({ name }) => name === "strmMeta");
  return meta?.type.kind === "record" ? { required: !meta.hasDefault, fields: meta.type.fields } : undefined;
}

test("adds strmMeta at the end where the contract has none", () => {
  const root = seal({ name: "url", type: "string" });
  expect(root.fields.map(({ name }) => name)).toEqual(["url", "strmMeta"]);
  expect(metaOf(root)?.fields.map(({ name }) => name)).toEqual(filled);
});

test("completes a strmMeta in its place, required, with own members and those present where they were", () => {
  const root = seal(
    {
      name: "strmMeta",
      type: [
        "null",
        {
          type: "record",
          name: "Meta",
          fields: [
            { name: "keyLink", type: ["null", "string"], default: null },
            { name: "schemaVersion", type: "int" },
            { name: "consentLevels", type: { type: "array", items: "int" } },
          ],
        },
      ],
      default: null,
    },
    { name: "url", type: "string" },
  );
  expect(root.fields.map(({ name }) => name)).toEqual(["strmMeta", "url"]);
  const meta = metaOf(root);
  expect(meta?.required).toBe(true);
  expect(meta?.fields.map(({ name }) => name)).toEqual([
    "keyLink",
    "schemaVersion",
    "consentLevels",
    "eventContractRef",
    "nonce",
    "timestamp",
  ]);
  expect(meta?.fields[0]).toEqual({ name: "keyLink", type: { kind: "string" }, hasDefault: false });
  expect(meta?.fields[1]).toEqual({ name: "schemaVersion", type: { kind: "int" }, hasDefault: false });
});
