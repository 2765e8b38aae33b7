// Runs the built command in a real pseudo-terminal with an emulator behind it: keys go in, and what stands on the screen can be looked at.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonPackages } from "./python.ts";

const program = fileURLToPath(new URL("terminal.py", import.meta.url));
const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));

/** What stands there at one moment. */
export interface ScreenShot {
  readonly lines: readonly string[];
  /** It is the other screen, from which the normal one comes back. */
  readonly alternate: boolean;
  /** It was so at some time. */
  readonly switched: boolean;
  /** The cursor can be seen. */
  readonly cursor: boolean;
  /** Written by the command since it began. */
  readonly bytes: number;
  /** Drawn by the command since it began. */
  readonly pictures: number;
  readonly colours: boolean;
}

export interface ScreenAtEnd extends ScreenShot {
  /** Negative: the signal that ended it. */
  readonly code: number;
  /** Echo and lines are as they were before. */
  readonly restored: boolean;
}

export interface TerminalRun {
  type(text: string): void;
  resize(columns: number, rows: number): void;
  signal(number: number): void;
  /** What stands there now. */
  now(): ScreenShot;
  /** Resolves when the screen's text matches; rejects where the command ends before, with what stood there. */
  until(pattern: RegExp): Promise<ScreenShot>;
  readonly ended: Promise<ScreenAtEnd>;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Given to Node before the command itself. */
  readonly nodeOptions?: readonly string[];
  /** A script for `sh` that runs the command, which is `"$@"` there. */
  readonly shell?: string;
}

/** Starts `strm ARGS…`; needs Python. */
export async function strmInTerminal(
  args: readonly string[],
  { columns, rows, env, nodeOptions = [], shell }: TerminalOptions,
): Promise<TerminalRun> {
  const packages = await pythonPackages("terminal", ["pyte==0.8.2"]);
  const size = [String(columns), String(rows)];
  const own = [process.execPath, ...nodeOptions, bin, ...args];
  const command = shell === undefined ? own : ["sh", "-c", shell, "sh", ...own];
  const child = spawn("python3", ["-S", program, ...size, ...command], {
    env: {
      PATH: process.env.PATH ?? "",
      PYTHONPATH: packages,
      PYTHONDONTWRITEBYTECODE: "1",
      TERM: "xterm-256color",
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let last: ScreenShot = {
    lines: [],
    alternate: false,
    switched: false,
    cursor: true,
    bytes: 0,
    pictures: 0,
    colours: false,
  };
  const lookers = new Set<() => void>();
  const ended = Promise.withResolvers<ScreenAtEnd>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const shot: ScreenShot | ScreenAtEnd = JSON.parse(line);
    last = shot;
    for (const look of [...lookers]) look();
    if ("code" in shot) ended.resolve(shot);
  });
  child.on("error", ended.reject);
  child.on("close", () => ended.reject(new Error("the terminal has gone")));
  child.stdin.on("error", () => {});
  const order = (what: object): void => void child.stdin.write(`${JSON.stringify(what)}\n`);
  return {
    type: (text) => order({ type: text }),
    resize: (...size) => order({ resize: size }),
    signal: (number) => order({ signal: number }),
    now: () => last,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(last.lines.join("\n"))) return;
          lookers.delete(look);
          resolve(last);
        };
        lookers.add(look);
        const gone = (): void =>
          reject(new Error(`it ended without ${pattern}; there stood:\n${last.lines.join("\n")}`));
        ended.promise.then(gone, gone);
        look();
      }),
    ended: ended.promise,
  };
}
