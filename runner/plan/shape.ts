// What an event must look like, as plain data: nodes that refer to each other by index, so that a worker can be sent them.

/** Nodes by index; `root` is the event's record. */
export interface Shape {
  readonly nodes: readonly ShapeNode[];
  readonly root: number;
}

export type ScalarKind = "int" | "long" | "float" | "double" | "boolean" | "null";

export type ShapeNode = { readonly nullable: boolean } & (
  | { readonly kind: ScalarKind }
  /** `spot`: index of the field in `SourcePlan.spots`, whose values the kernel notes. */
  /** `base64`: the text must be that of so many bytes, or of any number where it is -1. */
  | {
      readonly kind: "text";
      readonly spot?: number;
      readonly pattern?: ShapePattern;
      readonly base64?: number;
    }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | { readonly kind: "list"; readonly items: number }
  | { readonly kind: "map"; readonly values: number }
  | { readonly kind: "record"; readonly members: readonly ShapeMember[] }
  /** One node for each kind of JSON value; at least two are there. */
  | {
      readonly kind: "union";
      readonly text?: number;
      readonly number?: number;
      readonly boolean?: number;
      readonly list?: number;
      readonly object?: number;
    }
);

export interface ShapePattern {
  readonly pattern: string;
  readonly flags: string;
}

export interface ShapeMember {
  readonly name: string;
  readonly node: number;
  readonly required: boolean;
  /** False for a member of `strmMeta` that sealing writes and the schema lacks: in a raw event it is an undeclared field. */
  readonly declared: boolean;
  /** It is read like others, and written nowhere. */
  readonly dropped?: true;
  /** Which of the event's single values this one is. */
  readonly captures: readonly Capture[];
  /** Which part of `strmMeta` this is, where sealing has to write it. */
  readonly meta?: MetaPart;
}

/** Values of which an event has one at most. `link` is the key link of a sealed event. */
export const captures = ["key", "subject", "time", "consent", "link"] as const;
export type Capture = (typeof captures)[number];

/** The members of `strmMeta` that sealing writes, in the order in which it adds them. */
export const metaMembers = ["eventContractRef", "nonce", "timestamp", "keyLink", "consentLevels"] as const;
/** Where sealing writes: one of those members, or the whole. */
export type MetaPart = (typeof metaMembers)[number] | "whole";
