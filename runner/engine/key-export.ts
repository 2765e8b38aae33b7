// Feeds the `keys` sinks of a run: one row for each keyset that an encrypt step uses, each link once, over all runs of a job.
import type { GraphContract, GraphStep, JobGraph } from "../../dsl/graph/job-graph.ts";
import type { KeyWant, LinkSecret } from "../kernel/kernel.ts";
import { OneByOne } from "../one-by-one.ts";
import { keysetsOf } from "../privacy/link-keys.ts";
import type { Gate } from "./gate.ts";
import type { JobState } from "./job/job-state.ts";
import { rowsOf } from "./key-rows.ts";
import type { RunLedger } from "./ledger.ts";
import type { OpenedSink, Sinks } from "./sinks.ts";

interface Exported {
  readonly step: GraphStep & { readonly kind: "encrypt" };
  readonly purposes: readonly number[];
  readonly sinks: readonly OpenedSink[];
  /** Links whose rows were written since the last checkpoint was cut. */
  fresh: Set<string>;
  /** Those of before, which the job's state may not have yet. */
  taken: Set<string>;
}

type Links = ReadonlyMap<string, ReadonlySet<string>>;

export class KeyExport {
  readonly #exports = new Map<string, Exported>();
  readonly #ledger: RunLedger;
  readonly #gate: Gate;
  readonly #job: JobState;
  readonly #turns = new OneByOne();

  private constructor(ledger: RunLedger, gate: Gate, job: JobState) {
    this.#ledger = ledger;
    this.#gate = gate;
    this.#job = job;
  }

  static open(graph: JobGraph, sinks: Sinks, ledger: RunLedger, gate: Gate, job: JobState): KeyExport {
    const made = new KeyExport(ledger, gate, job);
    for (const step of graph.steps) {
      if (step.kind !== "encrypt") continue;
      const taking = sinks.of(step.name, "keys");
      if (taking.length === 0) continue;
      made.#exports.set(step.name, {
        step,
        purposes: purposesOf(graph.contracts, step),
        sinks: taking,
        fresh: new Set(),
        taken: new Set(),
      });
    }
    return made;
  }

  /** Writes the rows of links that are given out for the first time. */
  async write(wants: readonly KeyWant[], links: readonly (LinkSecret | undefined)[]): Promise<void> {
    if (!wants.some(({ step }) => this.#exports.has(step))) return;
    // Which links are new is found out where no checkpoint can be cut before their rows are written.
    await this.#turns.run(() =>
      this.#gate.together(async () => {
        for (const exported of this.#exports.values()) {
          const fresh = this.#freshOf(exported, wants, links);
          if (fresh.length > 0) await this.#rows(exported, fresh);
        }
      }),
    );
  }

  /** The links whose rows belong to a checkpoint that is cut now, by step; the job's state has them when it is recorded. */
  take(): Links {
    return new Map(
      [...this.#exports].map(([step, exported]) => {
        exported.taken = exported.fresh;
        exported.fresh = new Set();
        return [step, exported.taken];
      }),
    );
  }

  /** The checkpoint did not come about: the next one has to hold them. */
  giveBack(): void {
    for (const exported of this.#exports.values()) {
      for (const link of exported.taken) exported.fresh.add(link);
      exported.taken = new Set();
    }
  }

  #freshOf(
    { step, fresh, taken }: Exported,
    wants: readonly KeyWant[],
    links: readonly (LinkSecret | undefined)[],
  ): readonly LinkSecret[] {
    return wants.flatMap((want, i) => {
      const link = links[i];
      if (link === undefined || want.step !== step.name || want.kind !== "value") return [];
      const { keyLink } = link;
      if (fresh.has(keyLink) || taken.has(keyLink) || this.#job.isExported(step.name, keyLink)) return [];
      fresh.add(keyLink);
      return [link];
    });
  }

  async #rows({ step, purposes, sinks }: Exported, links: readonly LinkSecret[]): Promise<void> {
    const timeMs = links.reduce((first, { startMs }) => Math.min(first, startMs), Number.POSITIVE_INFINITY);
    const keysets = links.flatMap((link) => keysetsOf(link, step.scheme, purposes));
    for (const sink of sinks) {
      const handed = { to: sink.name, from: `${step.name}.keys`, events: keysets.length };
      this.#ledger.count({ tally: [], handed: [handed], readBytes: 0 });
      await sink.write(Buffer.from(rowsOf(sink.format, keysets)), keysets.length, { timeMs });
    }
  }
}

/** The purposes of the contract's personal fields, ascending. */
function purposesOf(
  contracts: readonly GraphContract[],
  step: GraphStep & { readonly kind: "encrypt" },
): readonly number[] {
  const contract = contracts.find((each) => each.name === step.contract);
  return [...new Set(contract?.personal.map(({ purpose }) => purpose) ?? [])].sort((a, b) => a - b);
}
