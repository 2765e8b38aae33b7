// One replica of a pipeline, in a process of its own, that can be killed, stopped, frozen and started again with its state.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../runner/index.ts";

const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));

export interface ReplicaOptions {
  readonly pipeline: string;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workers?: number;
}

/** How one process ended; the code is null where it was killed. */
export interface ReplicaEnd {
  readonly code: number | null;
  readonly stderr: string;
}

export class Replica {
  readonly #options: ReplicaOptions;
  #child: ChildProcess | undefined;
  #stderr = "";
  /** Run events of all its processes, but progress. */
  readonly events: RunEvent[] = [];
  /** How the process that ran last ended. */
  #ended: Promise<ReplicaEnd> | undefined;

  constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Resolves when it says that it has started: from then on it heeds signals. */
  async start(): Promise<void> {
    const { pipeline, stateDir, env, workers = 1 } = this.#options;
    const flags = ["--state", stateDir, "--workers", String(workers), "--output", "json"];
    const child = spawn(process.execPath, [bin, "run", pipeline, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH ?? "", ...env },
    });
    this.#stderr = "";
    let rest = "";
    child.stdout.on("data", (chunk) => {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#note(JSON.parse(line));
    });
    child.stderr.on("data", (chunk) => {
      this.#stderr += String(chunk);
    });
    this.#child = child;
    this.#ended = once(child, "close").then(([code]) => {
      if (this.#child === child) this.#child = undefined;
      return { code, stderr: this.#stderr };
    });
    await this.next("started");
  }

  /** Sends a signal; the process may go on. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Sends a signal that ends it, and waits for that. */
  async end(signal: NodeJS.Signals): Promise<ReplicaEnd> {
    this.#child?.kill(signal);
    return await this.ended();
  }

  ended(): Promise<ReplicaEnd> {
    if (this.#ended === undefined) throw new Error("the replica was never started");
    return this.#ended;
  }

  /** Resolves when such an event comes, from now on. */
  async next(type: RunEvent["type"], withinMs = 60_000): Promise<void> {
    const from = this.events.length;
    const endMs = performance.now() + withinMs;
    while (!this.events.slice(from).some((event) => event.type === type)) {
      if (!this.running || performance.now() > endMs) throw new Error(`no ${type} came: ${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #note(event: RunEvent): void {
    if (event.type !== "progress") this.events.push(event);
  }
}
