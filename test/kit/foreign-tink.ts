// Opens what strm sealed with an implementation of AES-SIV that is not ours, through the exported keysets.
import { aessiv } from "@noble/ciphers/aes.js";

/** A row of the CSV that a `.keys` stream writes. */
export interface KeysetRow {
  readonly keyLink: string;
  readonly purpose: number | undefined;
  readonly key: Uint8Array;
  readonly keyId: number;
}

/** Reads CSV with every cell quoted: `keyLink,purpose,encryptionKey`, or without purpose. */
export function readKeysets(csv: string): KeysetRow[] {
  const rows = csv
    .trimEnd()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map((cell) => (cell[1] ?? "").replaceAll('""', '"')),
    );
  const header = rows.shift() ?? [];
  const column = (row: readonly string[], name: string) => row[header.indexOf(name)];
  return rows.map((row) => {
    const keyset = JSON.parse(column(row, "encryptionKey") ?? "null");
    const [entry] = keyset.key;
    if (
      keyset.primaryKeyId !== entry.keyId ||
      entry.status !== "ENABLED" ||
      entry.outputPrefixType !== "TINK"
    ) {
      throw new Error("not a keyset that stock Tink would take");
    }
    if (entry.keyData.typeUrl !== "type.googleapis.com/google.crypto.tink.AesSivKey")
      throw new Error("another key type");
    const proto = Buffer.from(entry.keyData.value, "base64");
    if (proto.length !== 66 || proto[0] !== 0x12 || proto[1] !== 0x40)
      throw new Error("not an AesSivKey message");
    const purpose = column(row, "purpose");
    return {
      keyLink: column(row, "keyLink") ?? "",
      purpose: purpose === undefined ? undefined : Number(purpose),
      key: proto.subarray(2),
      keyId: entry.keyId,
    };
  });
}

/** The plaintext of a sealed value; throws where it does not open. */
export function openForeign(row: KeysetRow, associatedData: string, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.toString("base64") !== sealed) throw new Error("not canonical base64");
  if (bytes[0] !== 1 || bytes.readUInt32BE(1) !== row.keyId) throw new Error("another key's prefix");
  return Buffer.from(aessiv(row.key, Buffer.from(associatedData)).decrypt(bytes.subarray(5))).toString(
    "utf8",
  );
}
