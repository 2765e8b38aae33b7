// Loads Node's SQLite without the notice that it is experimental, which some of the versions we run on print.

/** Only that one notice is kept back; whatever else warns meanwhile is passed on. */
export function loadSqlite(): typeof import("node:sqlite") {
  const emit = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const text = warning instanceof Error ? warning.message : warning;
    if (!/^SQLite is an experimental feature/.test(text)) Reflect.apply(emit, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emit;
  }
}
