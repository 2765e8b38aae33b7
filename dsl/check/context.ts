// What every rule of the checker works with: the program's names, purposes and params, the catalog, and where findings go.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { BindScope } from "../spec/bind-scope.ts";
import type { Catalog } from "../spec/connector-spec.ts";
import type { Span } from "../text/span.ts";
import { Names } from "./names.ts";
import { Params } from "./params.ts";
import { Purposes } from "./purposes.ts";
import { type LoadedFile, rebasePath, type Unit } from "./unit.ts";

export interface Context {
  readonly catalog: Catalog;
  readonly files: ReadonlyMap<string, LoadedFile>;
  readonly units: readonly Unit[];
  readonly entry: Unit;
  readonly names: Names;
  readonly purposes: Purposes;
  readonly report: (diagnostic: Diagnostic) => void;
  /** What values written in `file` may refer to. */
  scopeOf(file: string): BindScope;
  /** True where the parser skipped something inside: what is missing there may have been written. */
  isBroken(span: Span): boolean;
}

export interface ContextInput {
  readonly catalog: Catalog;
  readonly files: ReadonlyMap<string, LoadedFile>;
  readonly units: readonly Unit[];
  readonly entry: Unit;
  readonly set: ReadonlyMap<string, string>;
  /** False where an import couldn't be followed. */
  readonly whole: boolean;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** Collects the names, params and purposes of all units; what is wrong with them is reported on the way. */
export function makeContext({ catalog, files, units, entry, set, whole, report }: ContextInput): Context {
  const names = new Names(units, entry, whole, report);
  const purposes = new Purposes(units, names, report);
  const params = new Params(names, set, entry, report);
  const paramNames = names.of("param");
  const errorsOf = new Map(units.map((unit) => [unit.file, unit.syntaxErrors]));
  const isBroken = (span: Span): boolean =>
    (errorsOf.get(span.file) ?? []).some(
      (error) => error.span.start >= span.start && error.span.start <= span.end + 1,
    );
  const scopes = new Map<string, BindScope>();
  const scopeOf = (file: string): BindScope => {
    const scope = scopes.get(file) ?? {
      param: (name) => params.use(name),
      paramNames,
      rebase: (path) => rebasePath(file, entry.file, path),
      report,
      isBroken,
    };
    scopes.set(file, scope);
    return scope;
  };
  return { catalog, files, units, entry, names, purposes, report, scopeOf, isBroken };
}
