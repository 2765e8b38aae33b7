// Keys for kernel tests: made on first use, from nothing but what they are for, and never written anywhere.
import { createHash } from "node:crypto";
import type { KeysAtHand } from "../../runner/kernel/deps.ts";
import type { KeyWant } from "../../runner/kernel/kernel.ts";
import type { SourcePlan } from "../../runner/plan/plan.ts";
import { createLinkKeys, type LinkKeys } from "../../runner/privacy/link-keys.ts";

const dayMs = 86_400_000;

/** Windows are UTC days whatever the plan says; equal questions get equal keys in every instance. */
export class MemoryKeys implements KeysAtHand {
  readonly asked: KeyWant[] = [];
  private readonly plan: SourcePlan;
  private readonly byName: Map<string, LinkKeys>;
  private readonly byLink: Map<string, LinkKeys>;

  /** With `store`, the keys of another instance are known too. */
  constructor(plan: SourcePlan, store?: MemoryKeys) {
    this.plan = plan;
    this.byName = new Map();
    this.byLink = store?.byLink ?? new Map();
  }

  ofValue(step: string, value: string | null, timeMs: number): LinkKeys | undefined {
    return this.byName.get(nameOf(step, value, timeMs));
  }

  ofLink(_step: string, _keyLink: string): LinkKeys | undefined {
    return undefined;
  }

  resolve(wants: readonly KeyWant[]): readonly (LinkKeys | undefined)[] {
    this.asked.push(...wants);
    return wants.map((want) => (want.kind === "link" ? this.byLink.get(want.keyLink) : this.make(want)));
  }

  private make({ step, value, timeMs }: Extract<KeyWant, { kind: "value" }>): LinkKeys {
    const name = nameOf(step, value, timeMs);
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const hex = createHash("sha256").update(name).digest("hex");
    const keyLink = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    const startMs = Math.floor(timeMs / dayMs) * dayMs;
    const scheme = this.plan.keyed.find((each) => each.step === step)?.scheme ?? "purpose_bound";
    const window = { keyLink, contract: this.plan.contract, scheme, startMs, endMs: startMs + dayMs };
    const keys = createLinkKeys(window, createHash("sha256").update(`${name} secret`).digest());
    this.byName.set(name, keys);
    this.byLink.set(keyLink, keys);
    return keys;
  }
}

function nameOf(step: string, value: string | null, timeMs: number): string {
  return `${step} ${Math.floor(timeMs / dayMs)} ${value === null ? "-" : `+${value}`}`;
}
