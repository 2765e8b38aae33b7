// The values of options as the job graph carries them: JSON in the option's unit, with references inside.

/** A JSON value as it stands in a graph. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A value that is known only where the pipeline runs. */
export type Reference =
  | { readonly $env: string; readonly $default?: string }
  | { readonly $secret: string }
  | { readonly $file: string };

/** An option's value: JSON in the option's unit (durations in ms, sizes in bytes), or a reference inside it. */
export type OptionValue = Json | Reference | readonly OptionValue[] | { readonly [key: string]: OptionValue };
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** True for `{ $env }`, `{ $secret }` and `{ $file }`. */
export function isReference(value: OptionValue): value is Reference {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return "$env" in value || "$secret" in value || "$file" in value;
}
