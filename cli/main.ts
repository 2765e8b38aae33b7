// Runs one command: the only place where errors end and exit codes are made.
import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { defineCommands } from "./define-commands.ts";
import { CommandFailure, exitCodes } from "./exit.ts";
import { styleOf } from "./terminal.ts";

/** Sets the process's exit code; resolves when the command is done. */
export async function main(args: readonly string[]): Promise<void> {
  quietOnClosedPipe();
  const program = defineCommands(version(), (code) => {
    process.exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function version(): string {
  const json: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof json === "object" && json !== null && "version" in json ? String(json.version) : "unknown";
}

function report(error: unknown): number {
  const style = styleOf(process.stderr);
  // Help and version end like this too; what was wrong has been said already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
  if (error instanceof CommandFailure) {
    process.stderr.write(`${style.bad("error:")} ${error.message}\n  help: ${error.help}\n`);
    return exitCodes.failed;
  }
  // The message of an unforeseen error may quote data; its place in our code can't.
  const frames =
    error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const kind = error instanceof Error ? error.name : typeof error;
  process.stderr.write(
    `${style.bad("This is a bug of strm")} (${kind}). Please report it with these lines:\n${frames.slice(0, 8).join("\n")}\n`,
  );
  return exitCodes.bug;
}

/** `strm graph x.strm | head -1` is no mistake. */
function quietOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(process.exitCode ?? exitCodes.ok);
      throw error;
    });
  }
}
