// The syntax tree of a `.strm` file: what was written, where, and nothing of what it means.
import type { Span } from "../text/span.ts";

export interface Node {
  readonly span: Span;
}

export interface Name extends Node {
  readonly text: string;
}

/** A dotted field path, `customer.id`; `text` is its segments joined by dots. */
export interface Path extends Node {
  readonly segments: readonly Name[];
  readonly text: string;
}

export interface SourceUnit extends Node {
  readonly file: string;
  readonly statements: readonly Statement[];
}

export type Statement =
  | ImportStatement
  | ParamStatement
  | PurposesStatement
  | ContractStatement
  | KeysStatement
  | SourceStatement
  | EncryptStatement
  | DecryptStatement
  | SinkStatement;

interface StatementBase extends Node {
  /** The text of the `///` lines above it, joined by new lines. */
  readonly doc?: string;
  /** From the block's opening brace to its closing one; absent where there is no block. */
  readonly block?: Span;
}

export interface ImportStatement extends StatementBase {
  readonly kind: "import";
  readonly path: StringValue;
}

export interface ParamStatement extends StatementBase {
  readonly kind: "param";
  readonly name: Name;
  readonly value: Value;
}

export interface PurposesStatement extends StatementBase {
  readonly kind: "purposes";
  readonly entries: readonly PurposeEntry[];
}

/** `functional = 0 "why"` */
export interface PurposeEntry extends Node {
  readonly name: Name;
  readonly level: NumberValue;
  readonly reason?: StringValue;
  readonly doc?: string;
}

export interface ContractStatement extends StatementBase {
  readonly kind: "contract";
  readonly name: Name;
  readonly ref: StringValue;
  readonly from?: StringValue;
  readonly fields: readonly ContractField[];
  readonly attributes: readonly BlockAttribute[];
}

/** `path [: type] @annotation…` */
export interface ContractField extends Node {
  readonly path: Path;
  readonly type?: TypeExpression;
  readonly annotations: readonly Annotation[];
  readonly doc?: string;
}

export type TypeExpression =
  | (Node & { readonly kind: "named"; readonly name: Name })
  | (Node & { readonly kind: "optional"; readonly of: TypeExpression })
  | (Node & { readonly kind: "list"; readonly of: TypeExpression })
  | (Node & { readonly kind: "record"; readonly fields: readonly ContractField[] });

/** `@pii(functional)`; `name` without the `@`. */
export interface Annotation extends Node {
  readonly name: Name;
  readonly args: readonly Argument[];
}

/** `@@unknown(drop)`; `name` without the `@@`. */
export interface BlockAttribute extends Node {
  readonly name: Name;
  readonly args: readonly Argument[];
}

/** `cumulative` or `map = { … }` */
export interface Argument extends Node {
  readonly name?: Name;
  readonly value: Value;
}

export interface KeysStatement extends StatementBase {
  readonly kind: "keys";
  readonly name: Name;
  readonly store: Name;
  readonly options: readonly OptionEntry[];
}

export interface SourceStatement extends StatementBase {
  readonly kind: "source";
  readonly name: Name;
  readonly sealed: boolean;
  readonly contract: Name;
  readonly connector: Name;
  readonly options: readonly OptionEntry[];
}

export interface EncryptStatement extends StatementBase {
  readonly kind: "encrypt";
  readonly from: Name;
  readonly name: Name;
  readonly options: readonly OptionEntry[];
}

export interface DecryptStatement extends StatementBase {
  readonly kind: "decrypt";
  readonly from: Name;
  readonly name: Name;
  /** `granular` or `cumulative`; another word is an error of the checker, with a did-you-mean. */
  readonly mode: Name;
  /** Names (as one-segment paths) or numbers. */
  readonly purposes: readonly Value[];
  readonly options: readonly OptionEntry[];
}

export interface SinkStatement extends StatementBase {
  readonly kind: "sink";
  readonly stream: StreamReference;
  readonly connector: Name;
  readonly options: readonly OptionEntry[];
}

/** `safe`, `clicks.rejected`, `safe.keys` */
export interface StreamReference extends Node {
  readonly name: Name;
  readonly side?: Name;
}

export interface OptionEntry extends Node {
  readonly name: Name;
  readonly value: Value;
}

export type Value =
  | StringValue
  | NumberValue
  | BooleanValue
  | DurationValue
  | SizeValue
  | RegexValue
  | ListValue
  | ObjectValue
  | PathValue
  | CallValue;

/** A string literal with its escapes resolved; `${name}` stands as an interpolation part. */
export interface StringValue extends Node {
  readonly kind: "string";
  readonly parts: readonly StringPart[];
}

export type StringPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "interpolation"; readonly name: Name };

/** `text` is as written. */
export interface NumberValue extends Node {
  readonly kind: "number";
  readonly text: string;
  readonly value: number;
}

export interface BooleanValue extends Node {
  readonly kind: "boolean";
  readonly value: boolean;
}

/** `500ms`, `24h`; `text` is as written. */
export interface DurationValue extends Node {
  readonly kind: "duration";
  readonly text: string;
  readonly durationMs: number;
}

/** `64KiB`, `5MB`; `text` is as written. */
export interface SizeValue extends Node {
  readonly kind: "size";
  readonly text: string;
  readonly sizeBytes: number;
}

/** `/^a/i`; an escaped slash is a plain one in `pattern`. */
export interface RegexValue extends Node {
  readonly kind: "regex";
  readonly pattern: string;
  readonly flags: string;
}

export interface ListValue extends Node {
  readonly kind: "list";
  readonly items: readonly Value[];
}

export interface ObjectValue extends Node {
  readonly kind: "object";
  readonly entries: readonly ObjectEntry[];
}

/** `"marketing": [1]` or `partitions = 3`: `key` is the text of either. */
export interface ObjectEntry extends Node {
  readonly key: Name;
  readonly value: Value;
}

/** A name or a field path: `vault`, `daily`, `customer.id`. */
export interface PathValue extends Node {
  readonly kind: "path";
  readonly path: Path;
}

/** `env("X", "default")`, `secret("X")`, `file("p")`, and whatever a spec gives a meaning. */
export interface CallValue extends Node {
  readonly kind: "call";
  readonly name: Name;
  readonly args: readonly Value[];
}
