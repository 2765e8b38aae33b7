// Binds `env(…)`, `secret(…)` and `file(…)`: values that are known only where the pipeline runs.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { CallValue, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import { type BindScope, type Place, textOf } from "./bind-scope.ts";
import { expectation } from "./describe.ts";
import { parseLiteral } from "./literal.ts";
import type { Reference } from "./option-value.ts";
import type { OptionType } from "./options.ts";

const usage = {
  env: 'env("NAME") or env("NAME", "default")',
  secret: 'secret("NAME")',
  file: 'file("path")',
} as const;

const functions = Object.keys(usage);

/** The reference for the graph; undefined where it is wrong, which was reported then. */
export function bindReference(
  type: OptionType,
  call: CallValue,
  place: Place,
  scope: BindScope,
): Reference | undefined {
  const name = call.name.text;
  if (name !== "env" && name !== "secret" && name !== "file") {
    const near = closest(name, functions);
    const help =
      near === undefined ? "There are env(…), secret(…) and file(…)." : `Did you mean \`${near}\`?`;
    const message = `There is no function \`${name}\`.`;
    scope.report(
      diagnostic("option.unknown-function", call.name.span, message, { label: "no such function", help }),
    );
    return undefined;
  }
  if (place.fixed) {
    const message = `The value of \`${place.option}\` must stand in the program: it can't come from \`${name}\`.`;
    const help = `Write ${expectation(type)}, or use a param and \`--set\`.`;
    scope.report(
      diagnostic("option.needs-literal", call.span, message, { label: "known only at run time", help }),
    );
    return undefined;
  }
  const texts = argumentTexts(call.args, scope);
  if (texts === "unresolved") return undefined;
  const [first, fallback] = texts ?? [];
  if (first === undefined || first === "" || call.args.length > (name === "env" ? 2 : 1)) {
    const message = `\`${name}\` takes ${name === "env" ? "a name and perhaps a default, both" : "one text"} in quotes.`;
    const help = `Write ${usage[name]}.`;
    scope.report(
      diagnostic("option.function-arguments", call.span, message, { label: "wrong arguments", help }),
    );
    return undefined;
  }
  if (name === "secret") return { $secret: first };
  if (name === "file") return { $file: scope.rebase(first) };
  return fallback === undefined ? { $env: first } : withDefault(type, first, fallback, call, place, scope);
}

/** Undefined where an argument is no text; "unresolved" where a param in it was reported already. */
function argumentTexts(
  args: readonly Value[],
  scope: BindScope,
): readonly string[] | "unresolved" | undefined {
  const texts: string[] = [];
  for (const arg of args) {
    if (arg.kind !== "string") return undefined;
    const text = textOf(arg, scope);
    if (text === undefined) return "unresolved";
    texts.push(text);
  }
  return texts;
}

function withDefault(
  type: OptionType,
  name: string,
  fallback: string,
  call: CallValue,
  place: Place,
  scope: BindScope,
): Reference | undefined {
  const span = call.args[1]?.span ?? call.span;
  if (type.kind === "secret") {
    const message = `\`${place.option}\` is a secret, and the default of an \`env\` stands in the program.`;
    const help = `Remove the default: env("${name}"). The run then says when the variable is not set.`;
    scope.report(diagnostic("option.secret-literal", span, message, { label: "a secret in the file", help }));
    return undefined;
  }
  const literal = parseLiteral(type, fallback);
  if (literal.ok) return { $env: name, $default: fallback };
  const message = `The default of \`${place.option}\` ${literal.problem}.`;
  const help = `Write ${expectation(type)}, in quotes here.`;
  scope.report(
    diagnostic("option.wrong-type", span, message, { label: "used where the variable is not set", help }),
  );
  return undefined;
}
