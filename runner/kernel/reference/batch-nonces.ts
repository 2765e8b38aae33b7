// The nonces of a batch's events, for each encrypt step.
import type { SourcePlan } from "../../plan/plan.ts";
import { createNonces, type Nonces } from "../../privacy/nonce.ts";

export class BatchNonces {
  private readonly contract: string;
  /** By the plan's `keyed`: a copy of the secret; undefined for keys that only open. */
  private readonly secrets: readonly (Uint8Array | undefined)[];
  private nonces: readonly (Nonces | undefined)[] = [];
  private origin: string | undefined;

  constructor({ contract, keyed }: SourcePlan, secrets: ReadonlyMap<string, Uint8Array>) {
    this.contract = contract;
    this.secrets = keyed.map(({ kind, step }) => {
      const secret = secrets.get(step);
      if (kind === "link") return undefined;
      if (secret === undefined) throw new Error(`The step ${step} has no nonce secret.`);
      return secret.slice();
    });
  }

  /** Turns to a batch of that origin. */
  begin(origin: string): void {
    if (origin === this.origin) return;
    this.origin = origin;
    this.nonces = this.secrets.map((secret) =>
      secret === undefined ? undefined : createNonces(secret, this.contract, origin),
    );
  }

  /** The nonce of the event at that offset in its origin. */
  at(keyed: number, offsetBytes: number): number {
    return this.nonces[keyed]?.(offsetBytes) ?? 0;
  }

  /** Overwrites the secrets. */
  destroy(): void {
    for (const secret of this.secrets) secret?.fill(0);
    this.nonces = [];
    this.origin = undefined;
  }
}
