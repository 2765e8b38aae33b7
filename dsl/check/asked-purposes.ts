// What a decrypt asks consent for: `granular(a, b)` or `cumulative(n)`.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { DecryptStatement, Value } from "../syntax/ast.ts";
import { closest } from "../text/closest.ts";
import type { Context } from "./context.ts";
import type { Contract } from "./contract.ts";

export interface Asked {
  readonly mode: "granular" | "cumulative";
  /** R, ascending. */
  readonly purposes: readonly number[];
}

/** R of a decrypt; undefined where it is wrong, which was reported then. */
export function askedPurposes(
  statement: DecryptStatement,
  contract: Contract | undefined,
  context: Context,
): Asked | undefined {
  const { mode, purposes } = statement;
  const named = resolveAll(purposes, context);
  if (mode.text !== "granular" && mode.text !== "cumulative") {
    const near = closest(mode.text, ["granular", "cumulative"]);
    const help =
      near === undefined ? "Write for granular(…) or for cumulative(…)." : `Did you mean \`${near}\`?`;
    const message = `There is no way \`${mode.text}\` to ask for consent.`;
    context.report(diagnostic("consent.mode", mode.span, message, { label: "granular or cumulative", help }));
    return undefined;
  }
  if (purposes.length === 0) {
    if (context.isBroken(statement.span)) return undefined;
    const message = `\`${statement.name.text}\` is for no purpose.`;
    const help = `Name at least one: ${mode.text}(PURPOSE).`;
    context.report(
      diagnostic("consent.no-purposes", mode.span, message, { label: "names no purpose", help }),
    );
    return undefined;
  }
  if (mode.text === "cumulative" && purposes.length > 1) {
    const message = "`cumulative` takes one purpose: it asks for that one and all below it.";
    const help = "Name the highest purpose only, or list all of them in granular(…).";
    const span = purposes[1]?.span ?? mode.span;
    context.report(diagnostic("consent.cumulative-one", span, message, { label: "one too many", help }));
    return undefined;
  }
  if (named === undefined) return undefined;
  checkUse(named, statement, contract, context);
  const [highest] = named.keys();
  if (mode.text === "cumulative") {
    return highest === undefined
      ? undefined
      : { mode: "cumulative", purposes: context.purposes.upTo(highest) };
  }
  return { mode: "granular", purposes: [...named.keys()].sort((a, b) => a - b) };
}

/** The levels with the place that names each. */
function resolveAll(values: readonly Value[], context: Context): ReadonlyMap<number, Value> | undefined {
  const named = new Map<number, Value>();
  let whole = true;
  for (const value of values) {
    const level = context.purposes.resolve(value);
    if (level === undefined) {
      whole = false;
      continue;
    }
    const before = named.get(level);
    if (before === undefined) {
      named.set(level, value);
      continue;
    }
    const message = `The purpose \`${context.purposes.title(level)}\` is named twice.`;
    const help = "Remove one of the two, or write the purpose that was meant.";
    const related = [{ span: before.span, message: "first named here" }];
    context.report(
      diagnostic("consent.duplicate-purpose", value.span, message, { label: "again", help, related }),
    );
  }
  return whole ? named : undefined;
}

/** Warns of each named purpose that no field of the contract has. */
function checkUse(
  named: ReadonlyMap<number, Value>,
  statement: DecryptStatement,
  contract: Contract | undefined,
  context: Context,
): void {
  // Of a contract with errors some field may be missing here.
  if (contract?.sound !== true) return;
  const fields = [...contract.personal.values()];
  if (fields.length === 0) return;
  for (const [level, value] of named) {
    if (fields.some(({ purpose }) => purpose === level)) continue;
    const title = context.purposes.title(level);
    const contractName = contract.statement.name;
    const message = `No field of \`${contractName.text}\` has the purpose \`${title}\`: events are withheld from \`${statement.name.text}\` for nothing.`;
    const help = `Remove \`${title}\`, unless the stream must be limited to people who consented to it.`;
    const related = [{ span: contractName.span, message: "the contract" }];
    context.report(
      diagnostic("consent.no-field", value.span, message, { label: "opens no field", help, related }),
    );
  }
}
