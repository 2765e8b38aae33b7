// Runs one program to its end, whatever it is written in, and measures it from outside: all contenders alike.
import { type ChildProcess, spawn } from "node:child_process";
import { watchMemory } from "../../kit/peak-memory.ts";

export interface Metered {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number | null;
  /** From the start to the first byte on the standard output; null: there was none. */
  readonly firstOutMs: number | null;
  readonly stdout: string;
}

export interface MeterOptions {
  readonly folder?: string;
  /** Written to the standard input, which then stays open until something comes out. */
  readonly input?: string;
}

/** The shell's `times` is the one portable way to the CPU time of a child that has ended; it goes to a pipe of its own. */
const script = '"$@"; code=$?; times >&3; exit "$code"';
/** How much of what a program said before it failed is shown. */
const tailChars = 2000;

/** Rejects where the program does not end with 0. CPU time comes in the shell's resolution, usually 10 ms. */
export async function meter(
  command: readonly string[],
  { folder, input }: MeterOptions = {},
): Promise<Metered> {
  const startMs = performance.now();
  const child = spawn("sh", ["-c", script, "sh", ...command], {
    ...(folder !== undefined && { cwd: folder }),
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const peak = watchMemory(child.pid);
  const texts = { stdout: "", stderr: "", times: "" };
  let firstOutMs: number | null = null;
  child.stdout.on("data", (chunk: Buffer) => {
    firstOutMs ??= performance.now() - startMs;
    child.stdin.end();
    texts.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    texts.stderr = (texts.stderr + chunk.toString()).slice(-tailChars);
  });
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    texts.times += chunk.toString();
  });
  // A program that does not read its input may be gone before it is written.
  child.stdin.on("error", () => {});
  if (input === undefined) child.stdin.end();
  else child.stdin.write(input);
  const end = await endOf(child);
  const wallMs = performance.now() - startMs;
  const peakBytes = peak();
  if (end !== 0) {
    const said = texts.stderr + texts.stdout.slice(-tailChars);
    throw new Error(`${command.join(" ")}\nended with ${end}: ${said}`);
  }
  return { wallMs, cpuMs: childrenMs(texts.times), peakBytes, firstOutMs, stdout: texts.stdout };
}

/** The exit code, or the name of the signal that ended it. */
function endOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
}

/** `times` prints user and system time of the shell, and on a second line those of its children, like `1m2.34s 0m0.56s`. */
function childrenMs(times: string): number {
  const [, children = ""] = times.split("\n");
  const found = [...children.matchAll(/(\d+)m([\d.,]+)s/g)];
  if (found.length !== 2) throw new Error(`the shell does not tell CPU times: ${times}`);
  return found.reduce((sum, [, minutes, seconds]) => sum + toMs(minutes, seconds), 0);
}

function toMs(minutes = "0", seconds = "0"): number {
  return (Number(minutes) * 60 + Number(seconds.replace(",", "."))) * 1000;
}
