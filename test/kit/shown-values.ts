// What a stream shows in the place of a personal value.
import { createHmac } from "node:crypto";

/** A ciphertext as it stands in events: base64 that begins with Tink's prefix. */
export const isSealed = (value: unknown): boolean =>
  typeof value === "string" && /^A[Q-Za-f][A-Za-z0-9+/]{26,}={0,2}$/.test(value);

/** The default mask. */
export const masked = (seed: string, value: string): string =>
  createHmac("sha256", seed).update(value).digest("hex").slice(0, 32);
