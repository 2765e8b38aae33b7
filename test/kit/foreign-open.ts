// Opens sealed values of kernel tests with an implementation that is not ours.
import { keysetsOf } from "../../runner/privacy/link-keys.ts";
import { type KeysetRow, openForeign } from "./foreign-tink.ts";
import type { TestLink } from "./memory-keys.ts";

/** The plaintext of a value of a field; throws where it does not open. */
export function openWith(link: TestLink, purpose: number, path: string, sealed: string): string {
  const [exported] = keysetsOf(link, link.scheme, [purpose]);
  if (exported === undefined) throw new Error("no keyset");
  const entry: { keyId: number; keyData: { value: string } } = JSON.parse(exported.encryptionKey).key[0];
  const row: KeysetRow = {
    keyLink: link.keyLink,
    purpose,
    keyId: entry.keyId,
    key: Buffer.from(entry.keyData.value, "base64").subarray(2),
  };
  return openForeign(row, link.scheme === "strm" ? "" : path, sealed);
}
