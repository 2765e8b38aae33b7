// Accounts for every event at every step and edge. Pure: it counts what it is told and says whether that balances.
import type { GraphStep } from "../../dsl/graph/job-graph.ts";
import type { StepTally } from "../kernel/kernel.ts";
import type { Ledger, StepLedger } from "./events.ts";

/** Where rejected events without a sink of their own go. */
export const QUARANTINE = "quarantine";

interface Account {
  in: number;
  out: number;
  withheld: number;
  rejected: number;
  writtenBytes: number;
}

/** A ledger as a checkpoint keeps it. */
export interface SavedLedger {
  readonly readBytes: number;
  readonly accounts: Readonly<Record<string, Readonly<Account>>>;
  /** Events by side stream that went to the quarantine. */
  readonly quarantined: Readonly<Record<string, number>>;
  readonly quarantineOut: number;
  /** Events by step that came back out of the quarantine. */
  readonly replayed: Readonly<Record<string, number>>;
}

/** What one batch did, to be counted in one go: a ledger that is looked at between two calls always balances. */
export interface Entry {
  readonly tally: readonly StepTally[];
  /** Events handed to sinks, and to the quarantine by the step that refused them. */
  readonly handed: readonly Handed[];
  readonly readBytes: number;
}

export interface Handed {
  /** A sink's name, or `quarantine`. */
  readonly to: string;
  /** The stream, with its side: `safe`, `clicks.rejected`, `safe.keys`. */
  readonly from: string;
  readonly events: number;
}

const noEvents: Account = { in: 0, out: 0, withheld: 0, rejected: 0, writtenBytes: 0 };

export class RunLedger {
  readonly #steps: readonly GraphStep[];
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #quarantined: Map<string, number>;
  readonly #replayed: Map<string, number>;
  #quarantineOut: number;
  #readBytes: number;

  /** `saved`: what runs before this one counted. */
  constructor(steps: readonly GraphStep[], saved?: SavedLedger) {
    this.#steps = steps;
    this.#accounts = new Map(steps.map(({ name }) => [name, { ...noEvents, ...saved?.accounts[name] }]));
    this.#quarantined = new Map(Object.entries(saved?.quarantined ?? {}));
    this.#replayed = new Map(Object.entries(saved?.replayed ?? {}));
    this.#quarantineOut = saved?.quarantineOut ?? 0;
    this.#readBytes = saved?.readBytes ?? 0;
  }

  save(): SavedLedger {
    return {
      readBytes: this.#readBytes,
      accounts: Object.fromEntries([...this.#accounts].map(([name, account]) => [name, { ...account }])),
      quarantined: Object.fromEntries(this.#quarantined),
      quarantineOut: this.#quarantineOut,
      replayed: Object.fromEntries(this.#replayed),
    };
  }

  count(entry: Entry): void {
    this.#readBytes += entry.readBytes;
    for (const { step, ...counts } of entry.tally) {
      const account = this.#account(step);
      account.in += counts.in;
      account.out += counts.out;
      account.withheld += counts.withheld;
      account.rejected += counts.rejected;
    }
    for (const { to, from, events } of entry.handed) {
      if (to === QUARANTINE) this.#quarantined.set(from, (this.#quarantined.get(from) ?? 0) + events);
      else this.#account(to).in += events;
    }
  }

  /** An event came out of the quarantine and into the step that had refused it, which counts it anew. */
  replayed(step: string, events: number): void {
    this.#replayed.set(step, this.#replayedTo(step) + events);
  }

  wrote(sink: string, sizeBytes: number): void {
    this.#account(sink).writtenBytes += sizeBytes;
  }

  /** What a sink says it has made visible: from here on it is out, and no more in flight. */
  delivered(to: string, events: number): void {
    if (to === QUARANTINE) this.#quarantineOut += events;
    else this.#account(to).out += events;
  }

  /** Events that went to the quarantine. */
  get quarantined(): number {
    return [...this.#quarantined.values()].reduce((sum, events) => sum + events, 0);
  }

  /** Events that came into the job: read by its sources, or replayed into any of its steps. */
  get received(): number {
    const came = this.#steps.map(({ name, kind }) =>
      kind === "source" ? this.#account(name).in : this.#replayedTo(name),
    );
    return came.reduce((sum, events) => sum + events, 0);
  }

  snapshot(elapsedMs: number, residentBytes: number): Ledger {
    return {
      elapsed_ms: elapsedMs,
      balanced: this.#balances(),
      read_bytes: this.#readBytes,
      steps: this.#steps.map((step) => this.#line(step)),
      edges: [
        ...this.#steps.flatMap((step) => {
          const from = streamOf(step);
          if (from === null) return [];
          const events = this.#account(step.name).in - this.#replayedTo(step.name);
          return [{ from, to: step.name, events }];
        }),
        ...[...this.#quarantined].map(([from, events]) => ({ from, to: QUARANTINE, events })),
        ...[...this.#replayed].map(([to, events]) => ({ from: QUARANTINE, to, events })),
      ],
      resident_bytes: residentBytes,
    };
  }

  /** True where everything that was handed to a sink has come out of it too. */
  get settled(): boolean {
    return (
      this.#quarantineOut === this.quarantined &&
      this.#steps.every((step) => step.kind !== "sink" || inFlight(step, this.#account(step.name)) === 0)
    );
  }

  #line(step: GraphStep): StepLedger {
    const { writtenBytes, ...counts } = this.#account(step.name);
    const in_flight = inFlight(step, counts);
    return { name: step.name, kind: step.kind, ...counts, in_flight, written_bytes: writtenBytes };
  }

  #balances(): boolean {
    return this.#steps.every((step) => {
      const account = this.#account(step.name);
      if (step.kind === "sink")
        return account.out <= account.in && this.#arrived(step.from, step.side, account);
      if (account.in !== account.out + account.withheld + account.rejected) return false;
      if (step.kind !== "source") {
        if (account.in !== this.#account(step.from).out + this.#replayedTo(step.name)) return false;
      }
      return this.#refusedAreKept(step.name, account.rejected);
    });
  }

  #arrived(from: string, side: "events" | "rejected" | "keys", sink: Account): boolean {
    const stream = this.#account(from);
    // Keys aren't events: a link is written once however many events it sealed.
    return side === "keys" || sink.in === (side === "events" ? stream.out : stream.rejected);
  }

  /** Refused events without a sink must be in the quarantine, and those with one must not. */
  #refusedAreKept(stream: string, rejected: number): boolean {
    const sunk = this.#steps.some(
      (step) => step.kind === "sink" && step.from === stream && step.side === "rejected",
    );
    return (this.#quarantined.get(`${stream}.rejected`) ?? 0) === (sunk ? 0 : rejected);
  }

  #replayedTo(step: string): number {
    return this.#replayed.get(step) ?? 0;
  }

  #account(name: string): Account {
    const account = this.#accounts.get(name);
    if (account === undefined) throw new Error(`the ledger has no step ${name}`);
    return account;
  }
}

/** A sink's events are in flight until it has made them durable; other steps hold none between two batches. */
function inFlight(step: GraphStep, account: { readonly in: number; readonly out: number }): number {
  return step.kind === "sink" ? account.in - account.out : 0;
}

/** The stream a step reads, with its side; null for sources. */
export function streamOf(step: GraphStep): string | null {
  if (step.kind === "source") return null;
  return step.kind === "sink" && step.side !== "events" ? `${step.from}.${step.side}` : step.from;
}
