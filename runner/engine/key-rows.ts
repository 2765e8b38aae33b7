// Writes the data keys that a run used, each link once, as Tink keysets in CSV or JSON lines.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ExportedKeyset, LinkKeys } from "../privacy/link-keys.ts";

/** The first row, or nothing: JSON lines have none. `encryptionKey` is Tink's cleartext JSON keyset. */
export function headerOf(format: string, scheme: LinkKeys["scheme"]): string {
  if (format !== "csv") return "";
  return csvRow(scheme === "strm" ? ["keyLink", "encryptionKey"] : ["keyLink", "purpose", "encryptionKey"]);
}

/** One row for each keyset. */
export function rowsOf(format: string, keysets: readonly ExportedKeyset[]): string {
  return keysets
    .map(({ keyLink, purpose, encryptionKey }) =>
      format === "csv"
        ? csvRow([keyLink, ...(purpose === undefined ? [] : [String(purpose)]), encryptionKey])
        : `${JSON.stringify({ keyLink, ...(purpose !== undefined && { purpose }), encryptionKey })}\n`,
    )
    .join("");
}

function csvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")}\n`;
}

/**
 * The links of one encrypt step that were written already. What the key ring holds is known by its object; the rest is looked up in a table that
 * SQLite keeps in a file without a name, so that memory stays flat and nothing is left behind.
 */
export class WrittenLinks {
  readonly #known = new WeakSet<LinkKeys>();
  readonly #database = new DatabaseSync("");
  readonly #add: StatementSync;

  constructor() {
    this.#database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048");
    this.#database.exec("CREATE TABLE links (link TEXT PRIMARY KEY) WITHOUT ROWID");
    this.#add = this.#database.prepare("INSERT OR IGNORE INTO links VALUES (?)");
  }

  /** True the first time. */
  isNew(keys: LinkKeys): boolean {
    if (this.#known.has(keys)) return false;
    this.#known.add(keys);
    return this.#add.run(keys.keyLink).changes === 1;
  }

  close(): void {
    this.#database.close();
  }
}
