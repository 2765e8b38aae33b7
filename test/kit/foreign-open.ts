// Opens sealed values of kernel tests with an implementation that is not ours.

import type { LinkKeys } from "../../runner/privacy/link-keys.ts";
import { type KeysetRow, openForeign } from "./foreign-tink.ts";

/** The plaintext of a value of a field; throws where it does not open. */
export function openWith(keys: LinkKeys, purpose: number, path: string, sealed: string): string {
  const [exported] = keys.keysets([purpose]);
  if (exported === undefined) throw new Error("no keyset");
  const entry: { keyId: number; keyData: { value: string } } = JSON.parse(exported.encryptionKey).key[0];
  const row: KeysetRow = {
    keyLink: keys.keyLink,
    purpose,
    keyId: entry.keyId,
    key: Buffer.from(entry.keyData.value, "base64").subarray(2),
  };
  return openForeign(row, keys.scheme === "strm" ? "" : path, sealed);
}
