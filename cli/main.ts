// Runs one command: the only place where errors end and exit codes are made.
import { existsSync, readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { defineCommands } from "./define-commands.ts";
import { CommandFailure, exitCodes, showFailure } from "./exit.ts";
import { styleOf } from "./terminal.ts";

/** Sets the process's exit code; resolves when the command is done. */
export async function main(args: readonly string[]): Promise<void> {
  watchOutput();
  process.on("uncaughtException", (error) => process.exit(report(error)));
  const program = defineCommands(version(), (code) => {
    process.exitCode ??= code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The package's own; the program lies at another depth when it is not built. */
function version(): string {
  const places = ["../../package.json", "../package.json"].map((path) => new URL(path, import.meta.url));
  const place = places.find((path) => existsSync(path));
  const json: unknown = place === undefined ? undefined : JSON.parse(readFileSync(place, "utf8"));
  return typeof json === "object" && json !== null && "version" in json ? String(json.version) : "unknown";
}

function report(error: unknown): number {
  // Help and version end like this too; what was wrong has been said already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
  if (error instanceof CommandFailure) {
    showFailure(error);
    return exitCodes.failed;
  }
  const style = styleOf(process.stderr);
  const kind = error instanceof Error ? error.name : typeof error;
  process.stderr.write(
    `${style.bad("This is a bug of strm")} (${kind}). Please report it with these lines; they hold none of your data:\n` +
      `  strm ${version()}, Node ${process.version}, ${process.platform}\n${framesOf(error)}\n`,
  );
  return exitCodes.bug;
}

/** The message of an unforeseen error may quote data; the places in our code can't. */
function framesOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return "  at an unknown place";
  const end = error.stack.indexOf(error.message) + error.message.length;
  const frames = error.stack.slice(end).split("\n");
  return frames
    .filter((line) => /^\s+at .*:[0-9]+:[0-9]+\)?$/.test(line))
    .slice(0, 8)
    .join("\n");
}

/** `strm graph x.strm | head -1` is no mistake, a full disk is one. */
function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") return;
    process.exitCode = exitCodes.failed;
    showFailure({
      message: `Standard output can't be written (${error.code ?? error.name}).`,
      help: "Look at where it is sent to.",
    });
  });
  // Without standard error there is nobody to tell.
  process.stderr.on("error", () => {});
}
