// Checks a contract and gives what the flow and the graph need of it.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { GraphContract } from "../graph/job-graph.ts";
import { textOf } from "../spec/bind-scope.ts";
import type { ContractStatement } from "../syntax/ast.ts";
import { type AnnotationName, readAnnotation } from "./annotation.ts";
import type { Context } from "./context.ts";
import { readUnknown } from "./contract-attributes.ts";
import type { AnnotationRule, ContractDraft, DroppedField, PersonalField } from "./contract-draft.ts";
import { checkListing, type ListedField, listFields } from "./contract-fields.ts";
import { type ContractSchema, schemaOf } from "./contract-schema.ts";
import { reportMissingField } from "./missing-field.ts";
import { checkConsent } from "./rule-consent.ts";
import { checkDrop, checkDropped, isDropped } from "./rule-drop.ts";
import { checkKey } from "./rule-key.ts";
import { checkMatches } from "./rule-matches.ts";
import { checkMeta } from "./rule-meta.ts";
import { checkPersonal } from "./rule-pii.ts";
import { checkTime } from "./rule-time.ts";

export interface Contract {
  readonly statement: ContractStatement;
  readonly ref: string | undefined;
  /** Undefined where it couldn't be read: nothing is said about fields then. */
  readonly schema: ContractSchema | undefined;
  /** But for those that are dropped. */
  readonly personal: ReadonlyMap<string, PersonalField>;
  /** Fields that stand in no stream, by path; a record stands for all that is in it. */
  readonly dropped: ReadonlyMap<string, DroppedField>;
  /** False where a rule of it couldn't be read: it may have more personal fields than are known. */
  readonly sound: boolean;
  /** Undefined where the graph can't be made of it. */
  readonly graph: GraphContract | undefined;
}

const rules: Readonly<Record<AnnotationName, AnnotationRule>> = {
  key: checkKey,
  subject: checkKey,
  consent: checkConsent,
  time: checkTime,
  pii: checkPersonal,
  matches: checkMatches,
  drop: checkDrop,
};

/** Checks every contract of the program, also those that no source uses. */
export function checkContracts(context: Context): ReadonlyMap<ContractStatement, Contract> {
  const contracts = new Map<ContractStatement, Contract>();
  const byRef = new Map<string, ContractStatement>();
  for (const statement of context.names.all()) {
    if (statement.kind !== "contract") continue;
    const contract = checkContract(statement, context);
    contracts.set(statement, contract);
    if (contract.ref === undefined) continue;
    const before = byRef.get(contract.ref);
    if (before === undefined) {
      byRef.set(contract.ref, statement);
      continue;
    }
    const message = `\`${before.name.text}\` and \`${statement.name.text}\` have the same reference, ${contract.ref}.`;
    const help = "Give one of them another name or version: keys are bound to the reference.";
    const related = [{ span: before.ref.span, message: "first used here" }];
    const extra = { label: "taken already", help, related };
    context.report(diagnostic("contract.duplicate-ref", statement.ref.span, message, extra));
  }
  return contracts;
}

function checkContract(statement: ContractStatement, context: Context): Contract {
  const ref = checkRef(statement, context);
  const schema = schemaOf(statement, context);
  const fields = listFields(statement, context);
  checkListing(statement, fields, schema, context);
  const unknown = readUnknown(statement, context);
  const draft: ContractDraft = {
    statement,
    schema,
    only: new Map(),
    consent: undefined,
    time: undefined,
    personal: [],
    dropped: [],
    matches: [],
  };
  for (const listed of fields) checkField(listed, draft, context);
  if (schema !== undefined) checkMeta(statement, schema, context);
  checkDropped(draft, context);
  checkPresence(draft, context);
  return {
    statement,
    ref,
    schema,
    personal: new Map(keptOf(draft).map((field) => [field.path, field])),
    dropped: new Map(draft.dropped.map((field) => [field.path, field])),
    sound: isSound(draft, fields, context),
    graph: graphOf(draft, ref, unknown),
  };
}

const refPattern =
  /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*\/(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:[-+][\w.+-]+)?$/;

function checkRef({ ref }: ContractStatement, context: Context): string | undefined {
  const text = textOf(ref, context.scopeOf(ref.span.file));
  if (text === undefined || refPattern.test(text)) return text;
  const message = `\`${text}\` is not a contract reference.`;
  const help = 'Write "handle/name/version", such as "acme/clickstream/1.0.0".';
  context.report(diagnostic("contract.ref", ref.span, message, { label: "not handle/name/1.0.0", help }));
  return undefined;
}

function checkField(listed: ListedField, draft: ContractDraft, context: Context): void {
  const found = draft.schema?.lookup(listed.path);
  if (found?.kind === "missing") {
    // Of an inline contract every listed field is in the schema, but where its type was refused.
    if (draft.statement.from !== undefined && draft.schema !== undefined && listed.field.type === undefined) {
      const prefix = listed.path.slice(0, -listed.field.path.text.length - 1);
      reportMissingField(listed.field.path, found, draft.schema, "The schema", context, prefix);
    }
    for (const annotation of listed.annotations) noteOnly(annotation.name.text, listed, draft);
    return;
  }
  const seen = new Set<string>();
  for (const annotation of listed.annotations) {
    const name = annotation.name.text;
    if (seen.has(name)) {
      const message = `\`${listed.path}\` has \`@${name}\` twice.`;
      const help = "Keep one of them.";
      context.report(
        diagnostic("contract.duplicate-annotation", annotation.span, message, { label: "again", help }),
      );
      continue;
    }
    seen.add(name);
    const before = noteOnly(name, listed, draft);
    if (before !== undefined) {
      const message = `A contract has one \`@${name}\`, but \`${before.path}\` and \`${listed.path}\` both have it.`;
      const related = [{ span: before.span, message: "the first one" }];
      const extra = { label: "a second one", help: "Remove it from one of the two.", related };
      context.report(diagnostic("contract.several", annotation.span, message, extra));
      continue;
    }
    const read = readAnnotation(annotation, context);
    if (read !== undefined)
      rules[read.name]({ listed, span: annotation.span, read, type: found?.type }, draft, context);
  }
}

/** Notes that a field has an annotation only one may have; returns the field that has it already. */
function noteOnly(name: string, listed: ListedField, { only }: ContractDraft): ListedField | undefined {
  if (name !== "key" && name !== "subject" && name !== "consent" && name !== "time") return undefined;
  const before = only.get(name);
  if (before === undefined) only.set(name, listed);
  return before;
}

function checkPresence({ statement, only, schema }: ContractDraft, context: Context): void {
  // A contract that is itself unreadable, or has no field at all, has been reported as that.
  if (context.isBroken(statement.span) || (statement.from === undefined && schema === undefined)) return;
  const { name } = statement;
  if (!only.has("key")) {
    const message = `The contract \`${name.text}\` has no \`@key\`.`;
    const help = "Put @key on the field whose events share data keys, such as a session or a customer.";
    context.report(diagnostic("contract.missing-key", name.span, message, { label: "no @key", help }));
  }
  if (!only.has("consent")) {
    const message = `The contract \`${name.text}\` has no \`@consent\`.`;
    const help = "Put @consent on the field with the consent levels.";
    context.report(
      diagnostic("contract.missing-consent", name.span, message, { label: "no @consent", help }),
    );
  }
}

function isSound(
  { statement, schema, personal }: ContractDraft,
  fields: readonly ListedField[],
  context: Context,
): boolean {
  const annotations = fields.flatMap((field) => field.annotations.map(({ name }) => name.text));
  const marked = annotations.filter((name) => name === "pii").length;
  const known = annotations.every((name) => Object.hasOwn(rules, name));
  return schema !== undefined && known && marked === personal.length && !context.isBroken(statement.span);
}

function graphOf(
  draft: ContractDraft,
  ref: string | undefined,
  unknown: GraphContract["unknown"],
): GraphContract | undefined {
  const { statement, schema, only, consent, time, matches } = draft;
  const key = only.get("key")?.path;
  const subject = only.get("subject")?.path;
  if (ref === undefined || schema === undefined || key === undefined || consent === undefined)
    return undefined;
  return {
    name: statement.name.text,
    ref,
    schema: schema.json,
    unknown,
    key,
    ...(subject === undefined ? {} : { subject }),
    consent,
    ...(time === undefined ? {} : { time }),
    personal: keptOf(draft).map(({ path, purpose }) => ({ path, purpose })),
    ...(draft.dropped.length > 0 && { dropped: droppedOf(draft) }),
    matches,
  };
}

/** The personal fields that streams have. */
function keptOf({ personal, dropped }: ContractDraft): readonly PersonalField[] {
  return personal.filter(({ path }) => !isDropped(path, dropped));
}

/** The dropped fields, and behind them the personal ones inside of them. */
function droppedOf({ personal, dropped }: ContractDraft): NonNullable<GraphContract["dropped"]> {
  return dropped.flatMap(({ path }) => {
    const own = personal.find((field) => field.path === path);
    const inside = personal.filter((field) => field.path.startsWith(`${path}.`));
    const titled = ({ path: at, purpose }: PersonalField) => ({ path: at, purpose });
    return [own === undefined ? { path } : titled(own), ...inside.map(titled)];
  });
}
