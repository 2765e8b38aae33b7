// Starts a server that dies with the process that started it, also where that one is killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** A file that gets what it prints. */
  readonly log: string;
  /** Folders to remove where the starter dies without having stopped it. */
  readonly remove: readonly string[];
}

export interface Supervised {
  readonly pid: number;
  /** Resolves when the server has ended. */
  readonly ended: Promise<void>;
  /** Sends the server a signal; resolves when it has ended, where it does. */
  signal(signal: NodeJS.Signals): void;
  /** What it has printed. */
  output(): string;
}

const supervisor = fileURLToPath(new URL("./supervisor.ts", import.meta.url));

export async function startSupervised(command: Command): Promise<Supervised> {
  const child = spawn(process.execPath, [supervisor, JSON.stringify(command)], {
    stdio: ["pipe", "pipe", "inherit"],
    // In a group of its own: Ctrl-C, or a signal for all of the tests' processes, must not end it before it has cleaned up.
    detached: true,
  });
  const ended = once(child, "exit").then(() => {});
  const pid = await startedPid(child, command);
  // It must not hold the process that started it.
  child.unref();
  for (const stream of [child.stdin, child.stdout])
    if (stream !== null && "unref" in stream && typeof stream.unref === "function") stream.unref();
  return {
    pid,
    ended,
    signal: (signal) => {
      // Whoever waits for its end has nothing else to do.
      child.ref();
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended by itself.
      }
    },
    output: () => readFileSync(command.log, "utf8"),
  };
}

async function startedPid(child: ChildProcess, { command }: Command): Promise<number> {
  if (child.stdout === null) throw new Error("a supervisor has no output");
  for await (const line of createInterface(child.stdout)) {
    const [word, rest = ""] = line.split(/ (.*)/s);
    if (word === "started") return Number(rest);
    throw new Error(`${command} did not start: ${rest}`);
  }
  throw new Error(`the supervisor of ${command} has ended`);
}

/** Resolves when the server has printed what says that it is ready; throws with its last lines where it ends before that, or takes too long. */
export async function readyWhen(server: Supervised, words: string, withinMs: number): Promise<void> {
  let over = false;
  server.ended.then(() => {
    over = true;
  });
  const endMs = performance.now() + withinMs;
  // Its log is a file, so there is nothing to wait for but time.
  while (!server.output().includes(words)) {
    if (over || performance.now() > endMs) {
      server.signal("SIGKILL");
      await server.ended;
      const last = server.output().split("\n").slice(-20).join("\n");
      throw new Error(`the server ${over ? "ended" : `was not ready within ${withinMs} ms`}:\n${last}`);
    }
    await sleep(50);
  }
}
