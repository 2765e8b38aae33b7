// Runs the built command as a user would, in a process of its own.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root, absolute. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  /** Added to a small environment; nothing of the caller's but PATH reaches the command. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

/** A command that runs. */
export interface StartedCli {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Standard output and error so far. */
  readonly seen: () => string;
  /** Resolves when standard output and error together match; rejects where the command ends before. */
  readonly until: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<CliResult>;
}

/** Starts `strm ARGS…`. `npm test` builds `dist/` first. */
export function startStrm(args: readonly string[], options: CliOptions = {}): StartedCli {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env.PATH ?? "", ...options.env },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {});
  const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString();
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout: textOf(stdout), stderr: textOf(stderr) }));
  });
  const seen = (): string => textOf(stdout) + textOf(stderr);
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(seen())) resolve();
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.on("close", () => reject(new Error(`it ended without ${pattern}: ${textOf(stderr)}`)));
      look();
    });
  child.stdin.end(options.stdin ?? "");
  return { kill: (signal) => child.kill(signal), seen, until, ended };
}

/** Runs `strm ARGS…` to its end. */
export function strm(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startStrm(args, options).ended;
}
