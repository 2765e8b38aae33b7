// A server process of a test's own: killed, frozen, started again with its data at the same ports, and gone in the end.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readyWhen, type Supervised, startSupervised } from "./supervised.ts";

const READY_MS = 90_000;

export interface OwnProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints when it is ready. */
  readonly ready: string;
  /** Files that it makes elsewhere than in its folder. */
  readonly leaves?: readonly string[];
}

export class OwnServer {
  readonly #folder: string;
  readonly #program: OwnProgram;
  #running: Supervised | undefined;
  #starts = 0;

  /** `folder` is removed in the end. */
  protected constructor(folder: string, program: OwnProgram) {
    this.#folder = folder;
    this.#program = program;
  }

  /** Starts it again, with its data and at its ports. */
  async restart(): Promise<void> {
    const { command, args, env = {}, ready } = this.#program;
    const log = join(this.#folder, `log-${++this.#starts}`);
    writeFileSync(log, "");
    const cwd = this.#folder;
    this.#running = await startSupervised({ command, args, env, cwd, log, remove: this.#traces });
    await readyWhen(this.#running, ready, READY_MS);
  }

  /** As a power failure would. */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.signal("SIGKILL");
    await running?.ended;
  }

  /** Lets it answer nothing until `thaw`. Resolves when that holds: a busy machine takes its time to stop all threads. */
  async freeze(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.signal("SIGSTOP");
    while (!isFrozen(running.pid)) await sleep(5);
  }

  thaw(): void {
    this.#running?.signal("SIGCONT");
  }

  /** Ends it and removes all that it had. */
  async stop(): Promise<void> {
    await this.kill();
    for (const trace of this.#traces) rmSync(trace, { recursive: true, force: true });
  }

  get #traces(): readonly string[] {
    return [this.#folder, ...(this.#program.leaves ?? [])];
  }
}

/** True where no thread runs, or where the system does not tell. */
function isFrozen(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return true;
  try {
    // The state stands behind the name, which may hold anything.
    return readdirSync(threads).every((thread) =>
      /\) T /.test(readFileSync(join(threads, thread, "stat"), "utf8")),
    );
  } catch {
    // A thread has ended meanwhile.
    return false;
  }
}

/** Makes a folder and starts a server in it; where that fails, the folder is removed. */
export async function startIn<Own extends OwnServer>(
  name: string,
  make: (folder: string) => Own,
): Promise<Own> {
  const folder = mkdtempSync(join(tmpdir(), `strm-${name}-`));
  try {
    const server = make(folder);
    await server.restart();
    return server;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
