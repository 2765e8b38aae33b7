// The keys of a run: a ring for each key store of the graph, the master keys, and who asks which.
import type { GraphKeyStore, GraphStep, JobGraph } from "../../dsl/graph/job-graph.ts";
import type { KeyWant, LinkSecret, SubjectPair } from "../kernel/kernel.ts";
import { KeyRing, type KeySpace, type RingRequest } from "../privacy/key-ring.ts";
import type { MasterKeys } from "../privacy/master-key.ts";
import { keyStores } from "../privacy/stores/index.ts";
import { CountedStore } from "./key-calls.ts";
import { Masters } from "./masters.ts";
import type { LinksMade, PartsContext, Vault } from "./parts.ts";
import { unknownStore, valueFailure } from "./values.ts";

/** How a step finds its keys. */
interface StepKeys {
  readonly ring: KeyRing;
  readonly contract: string;
  /** Present in encrypt steps. */
  readonly space?: KeySpace;
}

interface OpenedStore {
  readonly ring: KeyRing;
  readonly retainMs: number | undefined;
}

/** Opens every key store of the graph. Throws `keys.*`, `secret.missing` and `value.unresolved`. */
export async function openVault(graph: JobGraph, context: PartsContext): Promise<KeyVault> {
  const masters = new Masters(context, "made");
  const stores = new Map<string, OpenedStore>();
  try {
    for (const declared of graph.keyStores) {
      const master = await masters.of(declared);
      stores.set(declared.name, await openStore(declared, master, context));
    }
  } catch (error) {
    await Promise.allSettled([...stores.values()].map(({ ring }) => ring.close()));
    throw error;
  }
  const steps = new Map(graph.steps.flatMap((step) => keysOf(step, graph, stores)));
  let ofEvents: Promise<MasterKeys> | undefined;
  return new KeyVault([...stores.values()], steps, () => {
    ofEvents ??= masters.of(graph.keyStores[0]);
    return ofEvents;
  });
}

export class KeyVault implements Vault {
  readonly #stores: readonly OpenedStore[];
  readonly #steps: ReadonlyMap<string, StepKeys>;
  readonly #master: () => Promise<MasterKeys>;
  /** Not told yet, by encrypt step. */
  readonly #made = new Map<string, LinksMade>();
  /** What each ring had made when it was looked at last. */
  readonly #counted = new Map<KeyRing, Pick<LinksMade, "created" | "rotated">>();
  #forget: (closedBeforeMs: number) => void = () => {};

  constructor(
    stores: readonly OpenedStore[],
    steps: ReadonlyMap<string, StepKeys>,
    master: () => Promise<MasterKeys>,
  ) {
    this.#stores = stores;
    this.#steps = steps;
    this.#master = master;
  }

  /** 32 bytes behind the nonces of an encrypt step. */
  nonceSecret(step: string): Uint8Array {
    return this.#of(step).ring.nonceSecret;
  }

  /** Who holds keys beside the rings and has to let go of them too. */
  onForget(forget: (closedBeforeMs: number) => void): void {
    this.#forget = forget;
  }

  readonly seal = async (bytes: Uint8Array): Promise<string> => (await this.#master()).sealEvent(bytes);

  readonly unseal = async (jwe: string): Promise<Uint8Array> => (await this.#master()).openEvent(jwe);

  async resolve(wants: readonly KeyWant[]): Promise<readonly (LinkSecret | undefined)[]> {
    const answers: (LinkSecret | undefined)[] = wants.map(() => undefined);
    // One round trip a step: as good as always, all wants of a batch are one step's.
    for (const step of new Set(wants.map((want) => want.step))) {
      const places = wants.flatMap((want, i) => (want.step === step ? [{ want, i }] : []));
      const keys = this.#of(step);
      const found = await keys.ring.resolve(places.map(({ want }) => requestOf(want, keys)));
      this.#countMade(step, keys.ring);
      places.forEach(({ i }, at) => {
        answers[i] = found[at];
      });
    }
    return answers;
  }

  async noteSubjects(subjects: readonly SubjectPair[]): Promise<void> {
    const byRing = new Map<KeyRing, { contract: string; value: string; keyLink: string }[]>();
    for (const { step, value, keyLink } of subjects) {
      const { ring, contract } = this.#of(step);
      const rows = byRing.get(ring) ?? [];
      rows.push({ contract, value, keyLink });
      byRing.set(ring, rows);
    }
    for (const [ring, rows] of byRing) await ring.noteSubjects(rows);
  }

  takeMade(): readonly LinksMade[] {
    if (this.#made.size === 0) return [];
    const taken = [...this.#made.values()];
    this.#made.clear();
    return taken;
  }

  async purge(): Promise<void> {
    const nowMs = Date.now();
    for (const { ring, retainMs } of this.#stores) {
      if (retainMs !== undefined) await ring.purge(retainMs, nowMs);
    }
    // What another store keeps longer is asked for again.
    const retained = this.#stores.flatMap(({ retainMs }) => retainMs ?? []);
    if (retained.length > 0) this.#forget(nowMs - Math.min(...retained));
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map(({ ring }) => ring.close()));
  }

  #of(step: string): StepKeys {
    const keys = this.#steps.get(step);
    if (keys === undefined) throw new Error(`the step ${step} has no keys`);
    return keys;
  }

  #countMade(step: string, ring: KeyRing): void {
    const { created, rotated } = ring;
    const before = this.#counted.get(ring) ?? { created: 0, rotated: 0 };
    if (created === before.created) return;
    this.#counted.set(ring, { created, rotated });
    const open = this.#made.get(step) ?? { created: 0, rotated: 0 };
    this.#made.set(step, {
      step,
      created: open.created + created - before.created,
      rotated: open.rotated + rotated - before.rotated,
    });
  }
}

function requestOf(want: KeyWant, { space }: StepKeys): RingRequest {
  if (want.kind === "link") return { kind: "link", keyLink: want.keyLink };
  if (space === undefined) throw new Error(`the step ${want.step} makes no keys`);
  return { kind: "value", space, value: want.value, timeMs: want.timeMs };
}

function keysOf(
  step: GraphStep,
  graph: JobGraph,
  stores: ReadonlyMap<string, OpenedStore>,
): readonly (readonly [string, StepKeys])[] {
  if (step.kind !== "encrypt" && step.kind !== "decrypt") return [];
  const ring = stores.get(step.keys)?.ring;
  const contract = graph.contracts.find((each) => each.name === step.contract)?.ref;
  if (ring === undefined || contract === undefined) {
    throw new Error(`the job graph lacks the keys or the contract of ${step.name}`);
  }
  if (step.kind === "decrypt") return [[step.name, { ring, contract }]];
  const space = { contract, scheme: step.scheme, rotate: step.rotate };
  return [[step.name, { ring, contract, space }]];
}

async function openStore(
  declared: GraphKeyStore,
  master: MasterKeys,
  context: PartsContext,
): Promise<OpenedStore> {
  const kind = keyStores.find(({ spec }) => spec.name === declared.store);
  if (kind === undefined) throw unknownStore(declared.name, declared.store);
  const prepared = kind.prepare(declared.options, context.lookup);
  if (!prepared.ok)
    throw valueFailure(prepared.problems.map((problem) => ({ step: declared.name, problem })));
  const store = new CountedStore(await prepared.value(context), context.keyCalls);
  try {
    const { cachedLinks, retainMs } = declared;
    const bound = cachedLinks === undefined ? {} : { maxLinks: cachedLinks };
    return { ring: await KeyRing.open(store, master, bound), retainMs };
  } catch (error) {
    await store.close();
    throw error;
  }
}
