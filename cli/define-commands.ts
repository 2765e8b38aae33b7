// The commands with their flags and examples; what a command needs is loaded when it is called.
import { Argument, Command, Option } from "commander";
import { shells } from "./commands/completion.ts";
import type { ExitCode } from "./exit.ts";

/** The whole command line; `done` gets the exit code of the command that ran. */
export function defineCommands(version: string, done: (code: ExitCode) => void): Command {
  const program = new Command("strm")
    .description("Privacy-safe event streams: check, explain and run .strm pipelines.")
    .version(version)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .exitOverride();
  const set = () =>
    new Option("--set <name=value>", "value of a param; may be given several times")
      .argParser((value: string, before: string[]) => [...before, value])
      .default([], "");

  define("check", "find the mistakes in programs", ["strm check pipeline.strm", "strm check --json *.strm"])
    .argument("<file...>", "programs, each checked by itself")
    .option("--json", "print the findings as JSON")
    .addOption(set())
    .action(async (files: string[], options) =>
      done((await import("./commands/check.ts")).check(files, options)),
    );

  define("explain", "say who can read what, or what a code means", [
    "strm explain pipeline.strm",
    "strm explain flow.raw-sink",
  ])
    .argument("<file|code>", "a program, or the code of an error")
    .option("--json", "print it as JSON")
    .addOption(set())
    .action(async (subject: string, options) =>
      done((await import("./commands/explain.ts")).explain(subject, options)),
    );

  define("run", "run a pipeline", [
    "strm run pipeline.strm",
    "strm run pipeline.strm --set stage=test --state /var/lib/strm/pipeline",
    "strm run pipeline.strm --output json > events.ndjson",
  ])
    .argument("<file>", "the pipeline")
    .addOption(set())
    .option("--state <dir>", "state folder (default: .strm beside the pipeline)")
    .addOption(new Option("--output <form>", "how the run reports").choices(["text", "json"]).default("text"))
    .action(async (file: string, options) =>
      done(await (await import("./commands/run.ts")).run(file, options)),
    );

  define("graph", "show the job graph", [
    "strm graph pipeline.strm",
    "strm graph pipeline.strm --format mermaid",
  ])
    .argument("<file>", "the program")
    .addOption(
      new Option("--format <form>", "how it is shown")
        .choices(["text", "mermaid", "dot", "json"])
        .default("text"),
    )
    .addOption(set())
    .action(async (file: string, options) =>
      done((await import("./commands/graph.ts")).graph(file, options)),
    );

  define("fmt", "format programs", [
    "strm fmt *.strm",
    "strm fmt --check *.strm",
    "strm fmt - < pipeline.strm",
  ])
    .argument("<file...>", "programs, or - for the standard input")
    .option("--check", "only name the files that are not formatted")
    .action(async (files: string[], options) =>
      done((await import("./commands/fmt.ts")).fmt(files, options)),
    );

  define("init", "make a starter project", ["strm init", "strm init my-pipeline"])
    .argument("[dir]", "its folder", ".")
    .action(async (folder: string) => done((await import("./commands/init.ts")).init(folder)));

  define("completion", "print a completion script for a shell", ["source <(strm completion bash)"])
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action(async (shell: (typeof shells)[number]) =>
      done((await import("./commands/completion.ts")).completion(shell, program)),
    );

  return program;

  function define(name: string, summary: string, examples: readonly string[]): Command {
    return program
      .command(name)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .summary(summary)
      .addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`);
  }
}
