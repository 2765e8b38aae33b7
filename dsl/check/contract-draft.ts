// A contract while its annotations are read, and what a rule for one annotation looks like.
import type { GraphContract } from "../graph/job-graph.ts";
import type { ContractStatement } from "../syntax/ast.ts";
import type { ReadAnnotation } from "./annotation.ts";
import type { Context } from "./context.ts";
import type { ListedField } from "./contract-fields.ts";
import type { ContractSchema, FieldType } from "./contract-schema.ts";

export interface PersonalField {
  readonly path: string;
  readonly purpose: number;
  readonly listed: ListedField;
}

/** `span`: of the annotation. */
export interface DroppedField {
  readonly path: string;
  readonly listed: ListedField;
  readonly span: ListedField["span"];
}

export interface ContractDraft {
  readonly statement: ContractStatement;
  readonly schema: ContractSchema | undefined;
  /** The field that has an annotation only one may have. */
  readonly only: Map<"key" | "subject" | "consent" | "time", ListedField>;
  consent: GraphContract["consent"] | undefined;
  time: GraphContract["time"] | undefined;
  readonly personal: PersonalField[];
  readonly dropped: DroppedField[];
  readonly matches: { path: string; pattern: string; flags: string }[];
}

/** One use of an annotation on a field. */
export interface AnnotationUse {
  readonly listed: ListedField;
  readonly span: ListedField["span"];
  readonly read: ReadAnnotation;
  /** The field's type; undefined where it is not known, and then nothing is said about it. */
  readonly type: FieldType | undefined;
}

/** Checks one use and notes in the draft what it says. */
export type AnnotationRule = (use: AnnotationUse, draft: ContractDraft, context: Context) => void;
