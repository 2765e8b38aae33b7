// What a kernel is given beside its plan: keys at hand, the secret behind nonces, masks.
import type { LinkKeys } from "../privacy/link-keys.ts";
import type { Mask } from "../privacy/masks.ts";

/** The keys that are in memory already. `step` names the plan's `keyed` entry. Both are called for every event. */
export interface KeysAtHand {
  /** The link of a @key value (null: the event has none) whose window contains `timeMs`. */
  ofValue(step: string, value: string | null, timeMs: number): LinkKeys | undefined;
  ofLink(step: string, keyLink: string): LinkKeys | undefined;
}

export interface KernelDeps {
  readonly keys: KeysAtHand;
  /** 32 bytes: the nonce secret of an encrypt step's key store. */
  readonly nonceSecret: (step: string) => Uint8Array;
  /** The mask of a decrypt step that masks. */
  readonly mask: (step: string) => Mask;
  /** Epoch milliseconds of a text in the contract's @time format (see `loadReadTime`); needed where the plan has one. */
  readonly readTime?: ((text: string) => number | undefined) | undefined;
}
