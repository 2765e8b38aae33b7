// The schema's own `strmMeta`: what `encrypt` fills must have the types it writes.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { ContractStatement } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { ContractSchema } from "./contract-schema.ts";

/** The five members that `encrypt` fills, with their Avro types in short. */
export const metaMembers = [
  { path: "strmMeta.eventContractRef", scalar: "string", list: false, text: "string" },
  { path: "strmMeta.nonce", scalar: "int", list: false, text: "int" },
  { path: "strmMeta.timestamp", scalar: "long", list: false, text: "long" },
  { path: "strmMeta.keyLink", scalar: "string", list: false, text: "string" },
  { path: "strmMeta.consentLevels", scalar: "int", list: true, text: "int[]" },
] as const;

export function checkMeta(contract: ContractStatement, schema: ContractSchema, context: Context): void {
  const meta = schema.lookup("strmMeta");
  if (meta.kind === "missing") return;
  const span =
    contract.from?.span ?? contract.fields.find(({ path }) => path.segments[0]?.text === "strmMeta")?.span;
  const refuse = (path: string, is: string, needed: string): void => {
    const message = `\`${path}\` has the type ${is} in the schema, but \`encrypt\` writes ${needed} there.`;
    const help = "Correct the schema, or leave the field out of it: it is added where it is missing.";
    const extra = { label: `\`${path}\` must be ${needed}`, help };
    context.report(diagnostic("contract.meta-type", span ?? contract.name.span, message, extra));
  };
  if (meta.type.scalar !== "record" || meta.type.list) {
    refuse("strmMeta", meta.type.text, "a record");
    return;
  }
  for (const { path, scalar, list, text } of metaMembers) {
    const found = schema.lookup(path);
    if (found.kind === "missing" || (found.type.scalar === scalar && found.type.list === list)) continue;
    refuse(path, found.type.text, text);
  }
}
