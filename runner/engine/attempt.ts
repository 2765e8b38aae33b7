// One attempt at a run: everything opened where the last checkpoint left it, run to the end, and let go of.
import { availableParallelism, userInfo } from "node:os";
import type { JobGraph, Json, Scheme, SinkStep } from "../../dsl/graph/job-graph.ts";
import { isEndless } from "../../dsl/spec/delivery.ts";
import type { Connector, OpenContext } from "../connectors/connector.ts";
import { StrmFailure } from "../failure.ts";
import { Buffers } from "../formats/buffers.ts";
import { eventFormat } from "../plan/output-form.ts";
import { schemaOfStream } from "../plan/stream-schema.ts";
import { Checkpointer } from "./checkpointer.ts";
import { endsOf } from "./ends.ts";
import type { Finished } from "./events.ts";
import { type Feed, replayFeeds, sourceFeeds } from "./feeds.ts";
import { Gate } from "./gate.ts";
import { Job } from "./job/job.ts";
import { KeyExport } from "./key-export.ts";
import { type Hub, type Lane, runLane } from "./lane.ts";
import { QUARANTINE, RunLedger, streamOf } from "./ledger.ts";
import { type ReadySource, readySteps } from "./open-steps.ts";
import type { OpenedParts, Parts, Vault } from "./parts.ts";
import { Quarantine } from "./quarantine.ts";
import { BEAT_EVERY_MS, type Reporter } from "./reporter.ts";
import { defaultRetryPolicy, Retries } from "./retry.ts";
import type { RunOptions } from "./run-options.ts";
import { Sessions } from "./sessions.ts";
import { Sinks } from "./sinks.ts";
import { sourceOf } from "./source-of.ts";
import { openStateFolder } from "./state-folder.ts";
import { type OpenAt, SteadySource } from "./steady-source.ts";
import { sampleReader } from "./tap/sample-reader.ts";
import { lookupIn } from "./values.ts";

/** How often keys that `retain` no longer holds are removed. */
const PURGE_EVERY_MS = 3_600_000;
/** What a crash has to do again at most. Each costs a sync of every sink. */
const CHECKPOINT_EVERY_MS = 5_000;
/** Reading, ordering and writing stay in one thread, which feeds about as many kernels. */
const MOST_WORKERS = 8;

/** What all attempts of a run share. */
export interface RunIdentity {
  readonly id: string;
  readonly reporter: Reporter;
  /** What is told once a run. */
  readonly told: Set<"started" | "stopping">;
  /** Called when a checkpoint holds. */
  readonly held: () => void;
}

/** What events flow through. */
interface Opened {
  readonly hub: Hub;
  readonly lanes: readonly Lane[];
  readonly job: Job;
}

/** What a run holds open, from its first step to its last. */
export class Attempt {
  readonly #run: RunIdentity;
  readonly #parts: Parts;
  readonly #connectors: readonly Connector[];
  readonly #options: RunOptions;
  /** The first of its run: later ones never start over. */
  readonly #first: boolean;
  readonly #workers: number;
  /** Aborted: no source reads on. */
  readonly #stop = new AbortController();
  /** Aborted: the run has failed, and nothing is tried again. */
  readonly #giveUp = new AbortController();
  readonly #retries: Retries;
  readonly #sources = new Map<string, SteadySource>();
  /** By source step; the quarantine is no source. */
  readonly #own = new Map<string, SteadySource>();
  #failure: { readonly error: unknown } | undefined;
  #ledger = new RunLedger([]);
  #sinks: Sinks | undefined;
  #job: Job | undefined;
  #quarantine: Quarantine | undefined;
  #opened: OpenedParts | undefined;
  #sessions: Promise<Sessions> | undefined;
  #rewinds = false;
  #checkpoints: Checkpointer | undefined;
  /** Resolves when events begin to flow: a checkpoint that is asked for before is made then. */
  readonly #flows = Promise.withResolvers<Checkpointer>();
  #purging: NodeJS.Timeout | undefined;

  constructor(
    parts: Parts,
    connectors: readonly Connector[],
    options: RunOptions,
    run: RunIdentity,
    first: boolean,
  ) {
    this.#parts = parts;
    this.#connectors = connectors;
    this.#options = options;
    this.#run = run;
    this.#first = first;
    this.#workers = options.workers ?? Math.min(availableParallelism(), MOST_WORKERS);
    this.#retries = new Retries(run.reporter, this.#giveUp.signal, options.retry ?? defaultRetryPolicy);
  }

  /** True where it got so far as to know that all its sources can be read again in this process. */
  get rewinds(): boolean {
    return this.#rewinds;
  }

  get #reporter(): Reporter {
    return this.#run.reporter;
  }

  async toEnd(): Promise<"completed" | "stopped"> {
    const { stop } = this.#options;
    const onStop = (): void => {
      this.#stop.abort();
      // Nothing is told before the start; what came sooner is told when all is open.
      if (!this.#run.told.has("started") || this.#run.told.has("stopping")) return;
      this.#run.told.add("stopping");
      const signal = typeof stop.reason === "string" ? stop.reason : "stop";
      this.#reporter.deafen(() => this.#reporter.send({ type: "stopping", signal }));
    };
    stop.addEventListener("abort", onStop, { once: true });
    let opened: Opened;
    try {
      opened = await this.#open();
      if (stop.aborted) onStop();
      if (await this.#flow(opened.lanes, opened.hub)) return await this.#endWithin(opened.job);
    } finally {
      stop.removeEventListener("abort", onStop);
    }
    const { hub, job } = opened;
    const outcome = stop.aborted ? "stopped" : "completed";
    // Before anything becomes visible: events that are missing must not look delivered.
    if (!this.#reporter.snapshot().balanced) throw unbalanced();
    await hub.checkpoints.final();
    if (!this.#reporter.snapshot().balanced || !this.#ledger.settled) throw unbalanced();
    job.end(outcome, this.#ledger.save());
    await this.#close();
    this.#reporter.progressNow();
    return outcome;
  }

  finished(outcome: Finished["outcome"]): Finished {
    const quarantine = this.#quarantine;
    const ledger = this.#reporter.snapshot();
    return this.#reporter.send({
      type: "finished",
      outcome,
      ledger,
      summary: this.#reporter.summary(ledger),
      quarantine:
        quarantine !== undefined && quarantine.events > 0
          ? { path: quarantine.path, events: quarantine.events }
          : null,
    });
  }

  /** Lets go of everything; whatever fails in that is less worth telling than why it came to it. */
  async abort(error: unknown): Promise<void> {
    this.#giveUp.abort();
    this.#stop.abort();
    await this.#checkpoints?.giveUp(error);
    try {
      this.#job?.end("failed");
    } catch {
      // The next run sees one that was broken off, which comes to the same.
    }
    await Promise.allSettled([this.#close()]);
  }

  /** Stops the sources; `error` is thrown where the run would have ended. */
  readonly #fail = (error: unknown): undefined => {
    this.#failure ??= { error };
    this.#giveUp.abort();
    this.#stop.abort();
  };

  /** Stopped within a line whose first pieces are written: no checkpoint may hold those, so the run falls back to the last one. */
  async #endWithin(job: Job): Promise<"stopped"> {
    await this.#checkpoints?.giveUp(new Error("the run has been stopped"));
    job.end("stopped");
    await this.#close();
    this.#warn(
      "The run was stopped within a line over `max_event`: it goes back to the checkpoint before that line.",
      "Run again to go on; the line is then read from its start.",
    );
    return "stopped";
  }

  /** True where a lane was stopped within a line. */
  async #flow(lanes: readonly Lane[], hub: Hub): Promise<boolean> {
    this.#reporter.lookAtEnds(() => endsOf(this.#own, hub.sinks));
    hub.checkpoints.start();
    this.#reporter.send({ type: "opened" });
    this.#options.tap?.attach({
      graph: this.#options.graph,
      reader: (target, uncovered) => sampleReader(this.#options.graph, target, uncovered),
      report: (event) => this.#reporter.send({ ...event, by: userName() }),
    });
    this.#flows.resolve(hub.checkpoints);
    const steps = new Set(lanes.map(({ step }) => step));
    const beat = setInterval(() => this.#reporter.beat(steps), BEAT_EVERY_MS).unref();
    const ends = await Promise.all(
      // The other sources stop too: the run can't succeed any more.
      lanes.map((lane) => runLane(lane, hub, this.#stop.signal).catch(this.#fail)),
    );
    clearInterval(beat);
    if (this.#failure !== undefined) throw this.#failure.error;
    return ends.some((end) => end?.cut === true);
  }

  /** Values first, then the job, then keys, then sinks, then sources: what is refused early leaves least behind. */
  async #open(): Promise<Opened> {
    const { graph, baseDir, stateDir, environment, fromStart = false, replay } = this.#options;
    const streams = this.#parts.streams(graph);
    const steps = graph.steps.filter((step) => step.kind === "sink" || streams.has(step.name));
    this.#ledger = new RunLedger(steps);
    this.#reporter.follow(this.#ledger);
    const lookup = lookupIn(environment, baseDir);
    let job: Job | undefined;
    let ready: ReturnType<typeof readySteps>;
    const openSessions = (name: string): Promise<Sessions> => {
      const steps = replay === undefined ? ready : { ...ready, sources: [] };
      const context = { baseDir, job: name, pipeline: graph.name, warn: this.#warn };
      this.#sessions ??= this.#retries.patiently("run", () => Sessions.open(steps, lookup, context));
      return this.#sessions;
    };
    try {
      ready = readySteps(graph, streams, this.#connectors, lookup);
      this.#rewinds = ready.sources.every(({ connector }) => connector.spec.source?.once !== true);
      await openStateFolder(stateDir);
      job = await Job.open(
        {
          graph,
          stateDir,
          run: this.#run.id,
          fromStart: fromStart && this.#first,
          replays: replay !== undefined,
          held: async (found, checkpoint) => {
            const { decider } = await openSessions(found.job);
            return decider !== undefined && (await decider.last(found.firstRun)) >= checkpoint;
          },
        },
        this.#connectors,
      );
      this.#job = job;
      if (job.continues) this.#ledger = new RunLedger(steps, job.found.ledger);
      this.#reporter.follow(this.#ledger);
    } finally {
      this.#started(job);
    }
    const sessions = await openSessions(job.found.job);
    const { decider } = sessions;
    const begun = job.found.firstRun;
    await this.#retries.patiently("run", async () => decider?.last(begun));
    const workers = this.#workers;
    const { keyCalls } = this.#reporter;
    const partsContext = { baseDir, stateDir, environment, lookup, warn: this.#warn, keyCalls, workers };
    const feeds =
      replay === undefined
        ? sourceFeeds(ready.sources, graph)
        : await replayFeeds(job, graph, ready.sources, replay);
    const wishes = feeds.map(({ wish }) => wish);
    const opened = await this.#retries.patiently("keys", () => this.#parts.open(graph, wishes, partsContext));
    this.#opened = opened;
    await this.#retries.patiently("keys", () => opened.vault.purge());
    this.#purging = setInterval(() => this.#purgeAgain(opened.vault), PURGE_EVERY_MS).unref();
    const sinks = new Sinks(this.#ledger, this.#retries, this.#reporter.waits);
    this.#sinks = sinks;
    const context = this.#contexts(job);
    for (const sink of ready.sinks) {
      const { name, side, from } = sink.step;
      const resume = job.continues ? job.state.sinkState(name) : undefined;
      const wish = {
        scheme: side === "keys" ? schemeOf(graph, from) : undefined,
        contract: contractOf(graph, from),
        schema: schemaFor(graph, sink.step),
        bounded: isBounded(graph, from, ready.sources),
        resume,
        session: sessions.of(sink.connector),
      };
      // Opening leaves nothing behind where it fails.
      await this.#retries.patiently(name, () => sinks.open(sink, wish, context(name)));
    }
    const quarantine = await this.#openQuarantine(job);
    sinks.addQuarantine(quarantine);
    if (job.continues) await sinks.commit((event) => this.#reporter.send(event), job.found.settled);
    const gate = new Gate();
    const keyExport = KeyExport.open(graph, sinks, this.#ledger, gate, job.state);
    const checkpoints = new Checkpointer(
      {
        gate,
        sinks,
        ledger: this.#ledger,
        keyExport,
        job: job.state,
        reporter: this.#reporter,
        sources: this.#sources,
        retries: this.#retries,
        held: this.#run.held,
        decider: decider && { decide: (cut) => decider.decide(cut, begun) },
      },
      this.#options.checkpointEveryMs ?? sessions.checkpointEveryMs ?? CHECKPOINT_EVERY_MS,
      job.continues ? job.found.checkpoint : 0,
      this.#fail,
    );
    this.#checkpoints = checkpoints;
    // Each batch under way has one, and each source reads ahead into another.
    const buffers = new Buffers(2 * workers + 2 * feeds.length);
    const lanes: Lane[] = [];
    for (const feed of feeds) {
      const openAt: OpenAt = (resume) => {
        const fresh = fromStart && job.found.checkpoint === 0;
        return feed.open({ ...context(feed.step), resume, fresh, buffers }, opened.vault, sessions);
      };
      lanes.push(await this.#openLane(feed, openAt, job));
    }
    const hub: Hub = {
      ledger: this.#ledger,
      reporter: this.#reporter,
      sinks,
      quarantine,
      keyExport,
      vault: opened.vault,
      kernels: opened.kernels,
      gate,
      checkpoints,
      buffers,
      retries: this.#retries,
      tap: this.#options.tap,
    };
    return { hub, lanes, job };
  }

  async #openLane({ wish: { lane, counted }, step, replays }: Feed, openAt: OpenAt, job: Job): Promise<Lane> {
    const start = job.continues ? job.state.positionsOf(lane) : new Map();
    const source = await SteadySource.open(openAt, start, this.#retries.patience(step));
    this.#sources.set(lane, source);
    if (replays !== true) this.#own.set(step, source);
    return { lane, step, items: (stop) => source.items(stop), ...(replays && { replayed: counted }) };
  }

  async #openQuarantine({ state, continues, found }: Job): Promise<Quarantine> {
    const resume = continues ? state.sinkState(QUARANTINE) : undefined;
    this.#quarantine = await Quarantine.open(state.folder, found.firstRun, resume);
    return this.#quarantine;
  }

  #started(job: Job | undefined): void {
    if (this.#run.told.has("started")) return;
    this.#run.told.add("started");
    const { graph, stateDir, replay } = this.#options;
    this.#reporter.send({
      type: "started",
      run_id: this.#run.id,
      pipeline: graph.name,
      graph_hash: graph.hash,
      state: stateDir,
      workers: this.#workers,
      replays: replay !== undefined,
      continues:
        job?.continues === true
          ? {
              checkpoint: job.found.checkpoint,
              made: new Date(job.found.savedMs).toISOString(),
              ledger: this.#reporter.snapshot(),
            }
          : null,
      steps: graph.steps.map((step) => ({ name: step.name, kind: step.kind, from: streamOf(step) })),
    });
  }

  #contexts(job: Job): (step: string) => OpenContext {
    const { baseDir, stateDir, stdin, stdout } = this.#options;
    const owners = new Map<string, string>();
    return (step) => ({
      baseDir,
      stateDir,
      step,
      job: job.found.job,
      streams: { ...(stdin && { stdin }), ...(stdout && { stdout }) },
      warn: this.#warn,
      checkpoint: async () => (await this.#flows.promise).request(),
      claim: (place) => {
        const owner = owners.get(place) ?? step;
        if (owner !== step) throw samePlace(owner, step, place);
        owners.set(place, step);
      },
    });
  }

  /** Keys last: what is under way still uses them. */
  async #close(): Promise<void> {
    clearInterval(this.#purging);
    this.#options.tap?.detach();
    const opened = this.#opened;
    this.#opened = undefined;
    await Promise.all([...this.#sources.values()].map((source) => source.close()));
    await this.#sinks?.close();
    await (await this.#sessions?.catch(() => undefined))?.close();
    await opened?.kernels.close();
    await opened?.vault.close();
    this.#job?.close();
    this.#job = undefined;
  }

  readonly #warn = (message: string, help: string): void => {
    this.#reporter.send({ type: "warning", message, help });
  };

  #purgeAgain(vault: Vault): void {
    vault.purge().catch(() => {
      this.#reporter.deafen(() =>
        this.#warn(
          "Keys that `retain` no longer holds could not be removed.",
          "It is tried again in an hour and when the next run starts.",
        ),
      );
    });
  }
}

/** Of the events that are written as Avro or CSV. */
function schemaFor(graph: JobGraph, { from, side, options }: SinkStep): Json | undefined {
  return side === "events" && eventFormat(options) !== "json" ? schemaOfStream(graph, from) : undefined;
}

function contractOf({ steps, contracts }: JobGraph, stream: string): string {
  const step = steps.find(({ name }) => name === stream);
  const name = step === undefined || step.kind === "sink" ? undefined : step.contract;
  return contracts.find((contract) => contract.name === name)?.ref ?? "";
}

/** True where the source that a stream comes from ends by itself. */
function isBounded({ steps }: JobGraph, stream: string, sources: readonly ReadySource[]): boolean {
  const name = sourceOf(steps, stream);
  const source = sources.find(({ step }) => step.name === name);
  const spec = source?.connector.spec.source;
  return source !== undefined && spec !== undefined && !isEndless(spec, source.step.options);
}

function schemeOf(graph: JobGraph, encrypt: string): Scheme | undefined {
  const step = graph.steps.find(({ name }) => name === encrypt);
  return step?.kind === "encrypt" ? step.scheme : undefined;
}

/** In a container the number may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
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
