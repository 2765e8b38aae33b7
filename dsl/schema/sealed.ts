// The schema of a sealed stream: the contract's, with `strmMeta` as `encrypt` fills it.
import type { RecordType, Schema, SchemaField, SchemaType } from "./model.ts";
import { withoutNull } from "./model.ts";

/** The members that `encrypt` fills, in the order in which it adds those that are missing. */
export const metaFields: readonly SchemaField[] = [
  { name: "eventContractRef", type: { kind: "string" }, hasDefault: false },
  { name: "nonce", type: { kind: "int" }, hasDefault: false },
  { name: "timestamp", type: { kind: "long" }, hasDefault: false },
  { name: "keyLink", type: { kind: "string" }, hasDefault: false },
  { name: "consentLevels", type: { kind: "array", items: { kind: "int" } }, hasDefault: false },
];

/** What an event of a sealed stream must fit; the personal fields stay texts. */
export function sealedRoot(schema: Schema): RecordType {
  const before = schema.root.fields.find(({ name }) => name === "strmMeta");
  const declared = before === undefined ? undefined : withoutNull(before.type).type;
  const own = declared?.kind === "record" ? declared.fields : [];
  const filled = new Map(metaFields.map((field) => [field.name, field]));
  const kept = own.map((field) => filled.get(field.name) ?? field);
  const added = metaFields.filter(({ name }) => !own.some((field) => field.name === name));
  const type: SchemaType = { kind: "record", name: "StrmMeta", fields: [...kept, ...added] };
  const meta: SchemaField = { name: "strmMeta", type, hasDefault: false };
  const fields = schema.root.fields.map((field) => (field === before ? meta : field));
  return { ...schema.root, fields: before === undefined ? [...fields, meta] : fields };
}
