// Writes data keys as Tink keysets in CSV or JSON lines.
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import type { ExportedKeyset } from "../privacy/link-keys.ts";

/** The first row, or nothing: JSON lines have none. `encryptionKey` is Tink's cleartext JSON keyset. */
export function headerOf(format: string, scheme: Scheme): string {
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
