// The annotations there are, the arguments each takes, and how its use is read.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Annotation, Argument, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Context } from "./context.ts";

/** How each annotation is written, for errors. */
export const annotationUsage = {
  key: "@key",
  subject: "@subject",
  consent: '@consent, @consent(cumulative) or @consent(map = { "yes": [0, 1] }, default = [])',
  time: '@time or @time(format = "iso", zone = "Europe/Amsterdam")',
  pii: "@pii(PURPOSE)",
  matches: "@matches(/^pattern$/)",
  drop: "@drop",
} as const;

export type AnnotationName = keyof typeof annotationUsage;

const namedArguments: Readonly<Record<AnnotationName, readonly string[]>> = {
  key: [],
  subject: [],
  consent: ["map", "default"],
  time: ["format", "zone"],
  pii: [],
  matches: [],
  drop: [],
};

const positionalArguments: Readonly<Record<AnnotationName, { readonly min: number; readonly max: number }>> =
  {
    key: { min: 0, max: 0 },
    subject: { min: 0, max: 0 },
    consent: { min: 0, max: 1 },
    time: { min: 0, max: 0 },
    pii: { min: 1, max: 1 },
    matches: { min: 1, max: 1 },
    drop: { min: 0, max: 0 },
  };

export interface ReadAnnotation {
  readonly name: AnnotationName;
  readonly positional: Value | undefined;
  readonly named: ReadonlyMap<string, Value>;
}

/** What an annotation says; undefined where its name or the number of its arguments is wrong, which was reported then. */
export function readAnnotation(annotation: Annotation, context: Context): ReadAnnotation | undefined {
  const name = annotation.name.text;
  if (!isAnnotationName(name)) {
    const near = closest(name, Object.keys(annotationUsage));
    const help =
      near === undefined
        ? "There are @key, @subject, @consent, @time, @pii(…), @matches(…) and @drop."
        : `Did you mean \`@${near}\`?`;
    const message = `There is no annotation \`@${name}\`.`;
    context.report(
      diagnostic("contract.unknown-annotation", annotation.name.span, message, { label: "not known", help }),
    );
    return undefined;
  }
  const named = new Map<string, Value>();
  const positional: Value[] = [];
  for (const argument of annotation.args) {
    if (argument.name === undefined) positional.push(argument.value);
    else if (!isNewArgument(name, argument, named, context)) return undefined;
    else named.set(argument.name.text, argument.value);
  }
  const { min, max } = positionalArguments[name];
  if (positional.length < min || positional.length > max) {
    if (positional.length < min && context.isBroken(annotation.span)) return undefined;
    const span = positional[max]?.span ?? annotation.span;
    wrongArguments(name, span, positional.length < min ? "an argument is missing" : "one too many", context);
    return undefined;
  }
  return { name, positional: positional[0], named };
}

/** Reports that an argument isn't what the annotation takes. */
export function wrongArguments(
  name: AnnotationName,
  span: Value["span"],
  label: string,
  context: Context,
): undefined {
  const message = `\`@${name}\` ${takes[name]}.`;
  const help = `Write ${annotationUsage[name]}.`;
  context.report(diagnostic("contract.annotation-arguments", span, message, { label, help }));
  return undefined;
}

const takes: Readonly<Record<AnnotationName, string>> = {
  key: "takes no arguments",
  subject: "takes no arguments",
  consent: "takes `cumulative`, `map` and `default`, or nothing",
  time: "takes `format` and `zone`, or nothing",
  pii: "takes one purpose",
  matches: "takes one pattern between slashes",
  drop: "takes no arguments",
};

function isNewArgument(
  annotation: AnnotationName,
  argument: Argument,
  before: ReadonlyMap<string, Value>,
  context: Context,
): boolean {
  const name = argument.name?.text ?? "";
  const known = namedArguments[annotation];
  const span = argument.name?.span ?? argument.span;
  if (before.has(name)) {
    wrongArguments(annotation, span, "given twice", context);
    return false;
  }
  if (known.includes(name)) return true;
  const near = closest(name, known);
  wrongArguments(
    annotation,
    span,
    near === undefined ? "no such argument" : `did you mean \`${near}\`?`,
    context,
  );
  return false;
}

function isAnnotationName(name: string): name is AnnotationName {
  return Object.hasOwn(annotationUsage, name);
}
