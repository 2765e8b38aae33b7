// Options as data: small combinators from which the binder, the reference pages and TypeScript's types derive.

/** What a value may be. Durations are milliseconds and sizes are bytes once bound. */
export type OptionType =
  /** `without`: what it can't hold. */
  | { readonly kind: "string"; readonly without?: readonly string[] }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly min?: number; readonly max?: number }
  | { readonly kind: "duration"; readonly minMs?: number }
  | { readonly kind: "size"; readonly minBytes?: number; readonly maxBytes?: number }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  /** A text that never stands in the file: `env`, `secret` or `file` give it. */
  | { readonly kind: "secret" }
  /** A path in the file system, relative to the pipeline's file. */
  | { readonly kind: "path" }
  /** The dotted path of a contract's field. */
  | { readonly kind: "field" }
  /** The name of a `keys` statement. */
  | { readonly kind: "keys" }
  | { readonly kind: "list"; readonly of: OptionType }
  | { readonly kind: "record"; readonly options: OptionTable }
  /** The first that fits. */
  | { readonly kind: "either"; readonly of: readonly OptionType[] };

/** The value of an option as the runtime receives it. */
export type ValueOf<T extends OptionType> = T extends { kind: "boolean" }
  ? boolean
  : T extends { kind: "integer" | "duration" | "size" }
    ? number
    : T extends { kind: "choice"; values: readonly (infer V)[] }
      ? V
      : T extends { kind: "list"; of: infer O extends OptionType }
        ? readonly ValueOf<O>[]
        : T extends { kind: "record"; options: infer R extends OptionTable }
          ? OptionsOf<R>
          : T extends { kind: "either"; of: readonly (infer E extends OptionType)[] }
            ? ValueOf<E>
            : string;

/** What a default may be; composed types are left to the tests, since their inference has no bound. */
type DefaultOf<T extends OptionType> = T extends { kind: "boolean" }
  ? boolean
  : T extends { kind: "integer" | "duration" | "size" }
    ? number
    : T extends { kind: "choice"; values: readonly (infer V)[] }
      ? V
      : T extends { kind: "list" | "record" | "either" }
        ? unknown
        : string;

export type Presence = "required" | "optional" | "defaulted";

export interface OptionSpec<T extends OptionType = OptionType, P extends Presence = Presence> {
  readonly type: T;
  readonly presence: P;
  /** One or two sentences for the reference page and for hover. */
  readonly doc: string;
  /** Present where `presence` is `defaulted`; in ms and bytes. */
  readonly default?: unknown;
  /** The value decides the graph itself, so it must stand in the program: no `env`, `secret` or `file`. */
  readonly fixed?: true;
  /** It means something of this format alone. */
  readonly format?: string;
}

export type OptionTable = { readonly [name: string]: OptionSpec };

/** The typed options that a connector's runtime receives, after references were resolved. */
export type OptionsOf<R extends OptionTable> = {
  readonly [N in keyof R as R[N]["presence"] extends "optional" ? never : N]: ValueOf<R[N]["type"]>;
} & { readonly [N in keyof R as R[N]["presence"] extends "optional" ? N : never]?: ValueOf<R[N]["type"]> };

export const string = (bounds: { without?: readonly string[] } = {}) =>
  ({ kind: "string", ...bounds }) as const;
export const boolean = () => ({ kind: "boolean" }) as const;
export const integer = (bounds: { min?: number; max?: number } = {}) =>
  ({ kind: "integer", ...bounds }) as const;
export const duration = (bounds: { minMs?: number } = {}) => ({ kind: "duration", ...bounds }) as const;
export const size = (bounds: { minBytes?: number; maxBytes?: number } = {}) =>
  ({ kind: "size", ...bounds }) as const;
export const choice = <const V extends readonly string[]>(...values: V) =>
  ({ kind: "choice", values }) as const;
export const secret = () => ({ kind: "secret" }) as const;
export const path = () => ({ kind: "path" }) as const;
export const field = () => ({ kind: "field" }) as const;
export const keys = () => ({ kind: "keys" }) as const;
export const list = <const T extends OptionType>(of: T) => ({ kind: "list", of }) as const;
export const record = <const R extends OptionTable>(options: R) => ({ kind: "record", options }) as const;
export const either = <const E extends readonly OptionType[]>(...of: E) => ({ kind: "either", of }) as const;

export const required = <const T extends OptionType>(type: T, doc: string): OptionSpec<T, "required"> => ({
  type,
  presence: "required",
  doc,
});

export const optional = <const T extends OptionType>(type: T, doc: string): OptionSpec<T, "optional"> => ({
  type,
  presence: "optional",
  doc,
});

export const defaulted = <const T extends OptionType>(
  type: T,
  value: DefaultOf<T>,
  doc: string,
): OptionSpec<T, "defaulted"> => ({ type, presence: "defaulted", default: value, doc });

/** The same option, for what is read or written in that format only. */
export const ofFormat = <const T extends OptionType, P extends Presence>(
  format: string,
  spec: OptionSpec<T, P>,
): OptionSpec<T, P> => ({
  ...spec,
  format,
});

/** The same option, but its value must stand in the program. */
export const fixed = <const T extends OptionType, P extends Presence>(
  spec: OptionSpec<T, P>,
): OptionSpec<T, P> => ({
  ...spec,
  fixed: true,
});
