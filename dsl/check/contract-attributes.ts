// The block attributes of a contract: `@@unknown(reject | drop | pass)`.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { GraphContract } from "../graph/job-graph.ts";
import type { BlockAttribute, ContractStatement } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Context } from "./context.ts";

type Unknown = GraphContract["unknown"];

const choices: readonly Unknown[] = ["reject", "drop", "pass"];

/** What happens to fields that the schema lacks; "reject" where nothing (valid) says otherwise. */
export function readUnknown(contract: ContractStatement, context: Context): Unknown {
  let found: Unknown | undefined;
  for (const attribute of contract.attributes) {
    const value = readAttribute(attribute, found !== undefined, context);
    found ??= value;
  }
  return found ?? "reject";
}

function readAttribute(attribute: BlockAttribute, again: boolean, context: Context): Unknown | undefined {
  const { name, args, span } = attribute;
  if (name.text !== "unknown" || again) {
    const help = again
      ? "Remove one of the two."
      : closest(name.text, ["unknown"]) === undefined
        ? "There is @@unknown(reject), @@unknown(drop) and @@unknown(pass)."
        : "Did you mean `@@unknown`?";
    const message = again
      ? "`@@unknown` stands here twice."
      : `There is no block attribute \`@@${name.text}\`.`;
    const label = again ? "again" : "not known";
    context.report(
      diagnostic("contract.unknown-attribute", again ? span : name.span, message, { label, help }),
    );
    return undefined;
  }
  const value = args[0]?.value;
  const word = value?.kind === "path" ? value.path.text : undefined;
  const choice = choices.find((one) => one === word);
  if (choice === undefined || args.length !== 1 || args[0]?.name !== undefined) {
    const near = word === undefined ? undefined : closest(word, choices);
    const help =
      near === undefined
        ? "Write @@unknown(reject), @@unknown(drop) or @@unknown(pass)."
        : `Did you mean \`${near}\`?`;
    const message = "`@@unknown` takes one word: `reject`, `drop` or `pass`.";
    context.report(
      diagnostic("contract.annotation-arguments", value?.span ?? span, message, {
        label: "not one of these",
        help,
      }),
    );
    return undefined;
  }
  if (choice === "pass") {
    const message = "Fields that the schema lacks are passed on in clear, whatever they hold.";
    const help = "Write @@unknown(drop) to leave them out, or remove the line to reject such events.";
    context.report(
      diagnostic("contract.unknown-passes", span, message, { label: "nobody vouches for them", help }),
    );
  }
  return choice;
}
