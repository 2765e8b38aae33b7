// Keys for kernel tests: made on first use, from nothing but what they are for, and never written anywhere.
import { createHash } from "node:crypto";
import type { Scheme } from "../../dsl/graph/job-graph.ts";
import type { KeyWant, LinkSecret } from "../../runner/kernel/kernel.ts";
import type { SourcePlan } from "../../runner/plan/plan.ts";

const dayMs = 86_400_000;

/** A link, and how it is used. */
export interface TestLink extends LinkSecret {
  readonly scheme: Scheme;
}

/** Windows are UTC days whatever the plan says; equal questions get equal keys in every instance. */
export class MemoryKeys {
  readonly asked: KeyWant[] = [];
  private readonly plan: SourcePlan;
  private readonly byLink: Map<string, TestLink>;

  /** With `store`, the keys of another instance are known too. */
  constructor(plan: SourcePlan, store?: MemoryKeys) {
    this.plan = plan;
    this.byLink = store?.byLink ?? new Map();
  }

  resolve(wants: readonly KeyWant[]): readonly (TestLink | undefined)[] {
    this.asked.push(...wants);
    return wants.map((want) => (want.kind === "link" ? this.byLink.get(want.keyLink) : this.make(want)));
  }

  /** A link that was made before. */
  link(keyLink: string): TestLink {
    const link = this.byLink.get(keyLink);
    if (link === undefined) throw new Error("no such link");
    return link;
  }

  private make({ step, value, timeMs }: Extract<KeyWant, { kind: "value" }>): TestLink {
    const day = Math.floor(timeMs / dayMs);
    const name = `${step} ${day} ${value === null ? "-" : `+${value}`}`;
    const hex = createHash("sha256").update(name).digest("hex");
    const keyLink = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    const scheme = this.plan.keyed.find((each) => each.step === step)?.scheme ?? "purpose_bound";
    const secret = new Uint8Array(createHash("sha256").update(`${name} secret`).digest());
    const link = { keyLink, startMs: day * dayMs, endMs: (day + 1) * dayMs, secret, scheme };
    this.byLink.set(keyLink, link);
    return link;
  }
}
