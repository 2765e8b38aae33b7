// Runs a job graph from its start to its end, and reports all of it as run events.
import { randomBytes } from "node:crypto";
import type { JobGraph } from "../../dsl/graph/job-graph.ts";
import type { Connector, OpenContext, Source, Streams } from "../connectors/connector.ts";
import { StrmFailure } from "../failure.ts";
import { failedBy } from "./bug.ts";
import type { Finished, RunEvent } from "./events.ts";
import { KeyExport } from "./key-export.ts";
import { type Lane, runLane } from "./lane.ts";
import { QUARANTINE, RunLedger, streamOf } from "./ledger.ts";
import { readySteps } from "./open-steps.ts";
import type { Parts, Vault } from "./parts.ts";
import { Quarantine } from "./quarantine.ts";
import { Reporter } from "./reporter.ts";
import { Sinks } from "./sinks.ts";
import { openStateFolder } from "./state-folder.ts";
import { type Environment, lookupIn } from "./values.ts";

export interface RunOptions extends Streams {
  readonly graph: JobGraph;
  /** Folder of the pipeline's file, absolute: relative paths start here. */
  readonly baseDir: string;
  /** The state folder, absolute; it is made where it is missing. */
  readonly stateDir: string;
  /** Where `env` and `secret` are looked up: usually `process.env`. */
  readonly environment: Environment;
  /** Called for every run event, in order. */
  readonly report: (event: RunEvent) => void;
  /** Aborted: stop reading, deliver what was read. A text as its reason names the signal. */
  readonly stop: AbortSignal;
}

/** How often keys that `retain` no longer holds are removed. */
const PURGE_EVERY_MS = 3_600_000;

/** Never throws: a failure is an event, and so is the end, which is also what comes back. */
export async function runWith(
  parts: Parts,
  connectors: readonly Connector[],
  options: RunOptions,
): Promise<Finished> {
  const run = new Run(parts, connectors, options);
  try {
    return run.finished(await run.toEnd());
  } catch (error) {
    await run.abort();
    run.reporter.deafen(() => run.reporter.send(failedBy(error)));
    return run.reporter.deafen(() => run.finished("failed"));
  }
}

/** What a run holds open, from its first step to its last. */
class Run {
  readonly reporter: Reporter;
  readonly #parts: Parts;
  readonly #connectors: readonly Connector[];
  readonly #options: RunOptions;
  readonly #id = runId();
  readonly #quarantine: Quarantine;
  readonly #stop = new AbortController();
  readonly #sources: Source[] = [];
  #ledger = new RunLedger([]);
  #sinks = new Sinks(this.#ledger);
  #keyExport: KeyExport | undefined;
  #vault: Vault | undefined;
  #purging: NodeJS.Timeout | undefined;

  constructor(parts: Parts, connectors: readonly Connector[], options: RunOptions) {
    this.#parts = parts;
    this.#connectors = connectors;
    this.#options = options;
    this.reporter = new Reporter(options.report);
    this.#quarantine = new Quarantine(options.stateDir, this.#id);
  }

  async toEnd(): Promise<"completed" | "stopped"> {
    this.#start();
    const { stop } = this.#options;
    const onStop = (): void => {
      this.#stop.abort();
      const signal = typeof stop.reason === "string" ? stop.reason : "stop";
      this.reporter.deafen(() => this.reporter.send({ type: "stopping", signal }));
    };
    stop.addEventListener("abort", onStop, { once: true });
    if (stop.aborted) onStop();
    try {
      await this.#flow();
    } finally {
      stop.removeEventListener("abort", onStop);
    }
    const outcome = stop.aborted ? "stopped" : "completed";
    await this.#complete();
    return outcome;
  }

  finished(outcome: Finished["outcome"]): Finished {
    const { path, events } = this.#quarantine;
    return this.reporter.send({
      type: "finished",
      outcome,
      ledger: this.reporter.snapshot(),
      quarantine: events > 0 ? { path, events } : null,
    });
  }

  /** Lets go of everything; whatever fails in that is less worth telling than why it came to it. */
  async abort(): Promise<void> {
    await Promise.allSettled([this.#sinks.abort(), this.#quarantine.close(), this.#close()]);
  }

  #start(): void {
    const { graph, stateDir } = this.#options;
    this.reporter.send({
      type: "started",
      run_id: this.#id,
      pipeline: graph.name,
      graph_hash: graph.hash,
      state: stateDir,
      steps: graph.steps.map((step) => ({ name: step.name, kind: step.kind, from: streamOf(step) })),
    });
  }

  async #flow(): Promise<void> {
    const lanes = await this.#open();
    const { frame } = this.#parts;
    const [vault, keyExport] = [this.#vault, this.#keyExport];
    if (vault === undefined || keyExport === undefined) throw new Error("the run is not open");
    const hub = {
      ledger: this.#ledger,
      reporter: this.reporter,
      sinks: this.#sinks,
      quarantine: this.#quarantine,
      keyExport,
      vault,
    };
    const ends = await Promise.allSettled(
      lanes.map((lane) =>
        runLane(lane, hub, frame, this.#stop.signal).catch((error) => {
          // The other sources stop too: the run can't succeed any more.
          this.#stop.abort();
          throw error;
        }),
      ),
    );
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  /** Values first, then keys, then sources, then sinks: what is refused early leaves least behind. */
  async #open(): Promise<readonly Lane[]> {
    const { graph, baseDir, stateDir, environment } = this.#options;
    const streams = this.#parts.streams(graph);
    this.#ledger = new RunLedger(
      graph.steps.filter((step) => step.kind === "sink" || streams.has(step.name)),
    );
    this.#sinks = new Sinks(this.#ledger);
    this.reporter.follow(this.#ledger);
    const lookup = lookupIn(environment, baseDir);
    const ready = readySteps(graph, streams, this.#connectors, lookup);
    await openStateFolder(stateDir);
    const partsContext = { baseDir, stateDir, environment, lookup, warn: this.#warn };
    const { vault, kernels } = await this.#parts.open(graph, partsContext);
    this.#vault = vault;
    await vault.purge();
    this.#purging = setInterval(() => this.#purgeAgain(vault), PURGE_EVERY_MS).unref();
    const context = this.#contexts();
    const lanes: Lane[] = [];
    for (const { step, open, maxEventBytes } of ready.sources) {
      const source = await open({ ...context(step.name), maxEventBytes });
      this.#sources.push(source);
      const kernel = kernels.get(step.name);
      if (kernel === undefined) throw new Error(`there is no kernel for ${step.name}`);
      lanes.push({ step: step.name, source, kernel, maxEventBytes });
    }
    for (const { step, open, connector } of ready.sinks) {
      await this.#sinks.open(step, open, connector, context(step.name));
    }
    this.#keyExport = await KeyExport.open(graph, this.#sinks, this.#ledger);
    return lanes;
  }

  #contexts(): (step: string) => OpenContext {
    const { baseDir, stateDir, stdin, stdout } = this.#options;
    const owners = new Map<string, string>();
    return (step) => ({
      baseDir,
      stateDir,
      step,
      streams: { ...(stdin && { stdin }), ...(stdout && { stdout }) },
      warn: this.#warn,
      claim: (place) => {
        const owner = owners.get(place);
        if (owner !== undefined) throw samePlace(owner, step, place);
        owners.set(place, step);
      },
    });
  }

  async #complete(): Promise<void> {
    // Before anything becomes visible: events that are missing must not look delivered.
    if (!this.reporter.snapshot().balanced) throw unbalanced();
    await this.#quarantine.close();
    this.#ledger.delivered(QUARANTINE, this.#quarantine.events);
    await this.#sinks.complete((event) => this.reporter.send(event));
    if (!this.reporter.snapshot().balanced || !this.#ledger.settled) throw unbalanced();
    await this.#close();
    this.reporter.progressNow();
  }

  async #close(): Promise<void> {
    clearInterval(this.#purging);
    this.#keyExport?.close();
    this.#keyExport = undefined;
    const vault = this.#vault;
    this.#vault = undefined;
    await Promise.all([...this.#sources.splice(0).map((source) => source.close()), vault?.close()]);
  }

  readonly #warn = (message: string, help: string): void => {
    this.reporter.send({ type: "warning", message, help });
  };

  #purgeAgain(vault: Vault): void {
    vault.purge().catch(() => {
      this.reporter.deafen(() =>
        this.#warn(
          "Keys that `retain` no longer holds could not be removed.",
          "It is tried again in an hour and when the next run starts.",
        ),
      );
    });
  }
}

/** Sorts by time, and is a file's name. */
function runId(): string {
  const time = new Date().toISOString().replace(/[-:]|\.[0-9]+/g, "");
  return `${time}-${randomBytes(3).toString("hex")}`;
}

function samePlace(first: string, second: string, place: string): StrmFailure {
  return new StrmFailure(
    "run.same-place",
    `\`${first}\` and \`${second}\` both use ${place}.`,
    "Give each its own place.",
  );
}

function unbalanced(): StrmFailure {
  return new StrmFailure(
    "run.unbalanced",
    "The ledger does not balance: some step can't account for every event.",
    "This is a mistake in strm. Please report it with the ledger of this run; it holds no personal data.",
  );
}
