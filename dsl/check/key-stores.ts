// The `keys` statements: their stores and options, and which of them a step means.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { GraphKeyStore } from "../graph/job-graph.ts";
import { bindOptions } from "../spec/bind.ts";
import { isReference } from "../spec/option-value.ts";
import { tableOfKeys } from "../spec/statement-options.ts";
import type { KeysStatement, Name } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import type { Context } from "./context.ts";
import { unknownInCatalog } from "./unknown-in-catalog.ts";

export interface KeyStore {
  readonly statement: KeysStatement | undefined;
  /** The span of `retain`'s value, where it is given. */
  readonly retainAt: Span | undefined;
  readonly graph: GraphKeyStore;
}

/** Checks every `keys` statement of the program, also those that no step uses. */
export function checkKeyStores(context: Context): ReadonlyMap<KeysStatement, KeyStore | undefined> {
  const stores = new Map<KeysStatement, KeyStore | undefined>();
  for (const statement of context.names.all()) {
    if (statement.kind === "keys") stores.set(statement, checkKeys(statement, context));
  }
  return stores;
}

function checkKeys(statement: KeysStatement, context: Context): KeyStore | undefined {
  const { store } = statement;
  const spec = context.catalog.keyStores.find(({ name }) => name === store.text);
  if (spec === undefined) {
    unknownInCatalog("name.unknown-store", store, "key store", context.catalog.keyStores, context);
    return undefined;
  }
  const block = {
    title: `The key store \`${store.text}\``,
    head: store.span,
    span: statement.span,
    entries: statement.options,
  };
  const { values, given } = bindOptions(tableOfKeys(spec), block, context.scopeOf(statement.span.file));
  const { retain, master_key, cached_links, ...options } = values;
  return {
    statement,
    retainAt: given.get("retain")?.value.span,
    graph: {
      name: statement.name.text,
      store: spec.name,
      ...(typeof retain === "number" ? { retainMs: retain } : {}),
      ...(typeof cached_links === "number" ? { cachedLinks: cached_links } : {}),
      ...(master_key !== undefined && isReference(master_key) ? { masterKey: master_key } : {}),
      options,
    },
  };
}

/** The store of programs without a `keys` statement. */
export function defaultKeyStore(context: Context): KeyStore {
  const { defaultKeyStore: store, keyStores } = context.catalog;
  const spec = keyStores.find(({ name }) => name === store);
  const start = { file: context.entry.file, start: 0, end: 0 };
  const block = { title: "The default key store", head: start, span: start, entries: [] };
  const { values } = bindOptions(spec?.options ?? {}, block, context.scopeOf(context.entry.file));
  return { statement: undefined, retainAt: undefined, graph: { name: "default", store, options: values } };
}

/** The declared stores that a step without the option `keys` could mean. */
export function onlyKeyStore(
  step: Name,
  stores: ReadonlyMap<KeysStatement, KeyStore | undefined>,
  fallback: KeyStore,
  context: Context,
): KeyStore | undefined {
  const [first, second] = stores.keys();
  if (first === undefined) return fallback;
  if (second === undefined) {
    context.names.markUsed(first);
    return stores.get(first);
  }
  for (const statement of stores.keys()) context.names.markUsed(statement);
  const names = [...stores.keys()].map(({ name }) => name.text);
  const message = `It is not said which keys \`${step.text}\` uses: there are ${names.map((name) => `\`${name}\``).join(", ")}.`;
  const help = `Say which: { keys = ${names[0] ?? ""} }.`;
  const related = [...stores.keys()].map(({ name }) => ({ span: name.span, message: "declared here" }));
  context.report(
    diagnostic("flow.keys-needed", step.span, message, { label: "`keys` is missing", help, related }),
  );
  return undefined;
}
