// Feeds the `keys` sinks of a run: one row for each keyset that an encrypt step used, each link once.
import type { GraphContract, GraphStep, JobGraph } from "../../dsl/graph/job-graph.ts";
import type { LinkKeys } from "../privacy/link-keys.ts";
import { headerOf, rowsOf, WrittenLinks } from "./key-rows.ts";
import type { RunLedger } from "./ledger.ts";
import type { OpenedSink, Sinks } from "./sinks.ts";

interface Exported {
  readonly purposes: readonly number[];
  readonly sinks: readonly OpenedSink[];
  readonly written: WrittenLinks;
}

export class KeyExport {
  readonly #exports = new Map<string, Exported>();
  readonly #ledger: RunLedger;

  private constructor(ledger: RunLedger) {
    this.#ledger = ledger;
  }

  /** Writes the header rows. */
  static async open(graph: JobGraph, sinks: Sinks, ledger: RunLedger): Promise<KeyExport> {
    const made = new KeyExport(ledger);
    for (const step of graph.steps) {
      if (step.kind !== "encrypt") continue;
      const taking = sinks.of(step.name, "keys");
      if (taking.length === 0) continue;
      const purposes = purposesOf(graph.contracts, step);
      made.#exports.set(step.name, { purposes, sinks: taking, written: new WrittenLinks() });
      for (const sink of taking) {
        const header = headerOf(sink.format, step.scheme);
        if (header !== "") await sink.write(Buffer.from(header), 0);
      }
    }
    return made;
  }

  async write(used: readonly { readonly step: string; readonly keys: LinkKeys }[]): Promise<void> {
    for (const [step, { purposes, sinks, written }] of this.#exports) {
      const keysets = used
        .filter((each) => each.step === step && written.isNew(each.keys))
        .flatMap(({ keys }) => keys.keysets(purposes));
      if (keysets.length === 0) continue;
      for (const sink of sinks) {
        const handed = { to: sink.step.name, from: `${step}.keys`, events: keysets.length };
        this.#ledger.count({ tally: [], handed: [handed], readBytes: 0 });
        await sink.write(Buffer.from(rowsOf(sink.format, keysets)), keysets.length);
      }
    }
  }

  close(): void {
    for (const { written } of this.#exports.values()) written.close();
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
