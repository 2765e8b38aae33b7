// The error of a connector or key store that the catalog lacks.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { Name } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Context } from "./context.ts";

export function unknownInCatalog(
  code: "name.unknown-connector" | "name.unknown-store",
  name: Name,
  noun: string,
  known: readonly { readonly name: string }[],
  context: Context,
): void {
  const names = known.map((one) => one.name);
  const near = closest(name.text, names);
  const help = near === undefined ? `There are ${names.join(", ")}.` : `Did you mean \`${near}\`?`;
  const message = `There is no ${noun} \`${name.text}\`.`;
  context.report(diagnostic(code, name.span, message, { label: `no such ${noun}`, help }));
}
