// Checks a source: its contract, its connector and its options.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { SourceStep } from "../graph/job-graph.ts";
import { bindOptions } from "../spec/bind.ts";
import { tableOfSource } from "../spec/statement-options.ts";
import type { SourceStatement } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { Contract } from "./contract.ts";
import { fieldsOfSource, type Stream } from "./stream.ts";
import { unknownInCatalog } from "./unknown-in-catalog.ts";
import { withFormat } from "./with-format.ts";

export function checkSource(
  statement: SourceStatement,
  contracts: ReadonlyMap<unknown, Contract>,
  context: Context,
): Stream | undefined {
  const declared = context.names.contract(statement.contract);
  const options = bindSource(statement, context);
  const contract = declared === undefined ? undefined : contracts.get(declared);
  if (contract === undefined) return undefined;
  const { sealed, connector, name } = statement;
  if (sealed && contract.personal.size === 0) reportNothingSealed(statement, contract, context);
  const fields = fieldsOfSource(contract, sealed);
  const step: SourceStep | undefined =
    options === undefined
      ? undefined
      : {
          kind: "source",
          name: name.text,
          contract: contract.statement.name.text,
          fields: [...fields.values()],
          sealed,
          connector: connector.text,
          options,
        };
  return { statement, contract, sealed, fields, sealing: undefined, step };
}

function bindSource(statement: SourceStatement, context: Context): SourceStep["options"] | undefined {
  const { connector } = statement;
  const connectors = context.catalog.connectors;
  const spec = connectors.find(({ name }) => name === connector.text);
  const readable = connectors.filter(({ source }) => source !== undefined);
  if (spec === undefined) {
    unknownInCatalog("name.unknown-connector", connector, "connector", readable, context);
    return undefined;
  }
  if (spec.source === undefined) {
    const message = `Nothing can be read from \`${spec.name}\`: it only writes.`;
    const help = `A source reads from ${readable.map(({ name }) => name).join(", ")}.`;
    context.report(diagnostic("flow.no-source", connector.span, message, { label: "only a sink", help }));
    return undefined;
  }
  const block = {
    title: `The source \`${spec.name}\``,
    head: connector.span,
    span: statement.span,
    entries: statement.options,
  };
  const bound = bindOptions(tableOfSource(spec.source), block, context.scopeOf(statement.span.file));
  const uses = {
    connector,
    does: "read events as",
    formats: spec.source.formats,
    options: spec.source.options,
    events: true,
  };
  return withFormat(bound, uses, context);
}

/** A contract without personal fields, where sealed events are spoken of. */
export function reportNothingSealed(
  statement: { readonly name: SourceStatement["name"] },
  contract: Contract,
  context: Context,
): void {
  // A contract with errors may well have personal fields that were refused.
  if (!contract.sound) return;
  const { name } = contract.statement;
  const kept = contract.dropped.size === 0 ? "" : " that it doesn't drop";
  const message = `Nothing in \`${statement.name.text}\` is sealed: the contract \`${name.text}\` has no \`@pii\` field${kept}.`;
  const help = "Mark its personal fields with @pii(PURPOSE).";
  const related = [{ span: name.span, message: "the contract" }];
  const extra = { label: "protects nothing", help, related };
  context.report(diagnostic("flow.nothing-sealed", statement.name.span, message, extra));
}
