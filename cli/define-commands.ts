// The commands with their flags and examples; what a command needs is loaded when it is called.
import { Argument, Command, Option } from "commander";
import { graphFormats, outputForms, type Shell, shells } from "./choices.ts";
import { type ExitCode, showFailure } from "./exit.ts";
import { colours, styleOf } from "./terminal.ts";

/** The whole command line; `done` gets the exit code of the command that ran. */
export function defineCommands(version: string, done: (code: ExitCode) => void): Command {
  const program = new Command("strm")
    .description("Privacy-safe event streams: check, explain and run .strm pipelines.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .configureHelp({
      styleTitle: (title) => styleOf(process.stdout).strong(title),
      styleCommandText: (text) => styleOf(process.stdout).strong(text),
    })
    .configureOutput({
      getOutHasColors: () => colours(process.stdout),
      getErrHasColors: () => colours(process.stderr),
      outputError: (text) => wrongUse(text, "strm --help lists the commands."),
    })
    .addHelpText("after", examples("strm init my-pipeline", "strm run my-pipeline/pipeline.strm"))
    .exitOverride();

  program.commandsGroup("Write and review a pipeline:");
  define("check", "find the mistakes in programs", "strm check pipeline.strm", "strm check --json *.strm")
    .argument("<file...>", "programs, each checked by itself")
    .option("--json", "print the findings as JSON")
    .addOption(set())
    .action(async (files: string[], options) =>
      done((await import("./commands/check.ts")).check(files, options)),
    );

  define(
    "explain",
    "say who can read what, or what a code means",
    "strm explain pipeline.strm",
    "strm explain flow.raw-sink",
  )
    .argument("<file|code>", "a program, or the code of a finding, a failure or a rejected event")
    .option("--json", "print it as JSON")
    .addOption(set())
    .action(async (subject: string, options) =>
      done((await import("./commands/explain.ts")).explain(subject, options)),
    );

  define(
    "graph",
    "show the job graph of a program",
    "strm graph pipeline.strm",
    "strm graph pipeline.strm --format dot | dot -Tsvg > pipeline.svg",
  )
    .argument("<file>", "the program")
    .addOption(new Option("--format <form>", "how it is shown").choices(graphFormats).default("text"))
    .addOption(set())
    .action(async (file: string, options) =>
      done((await import("./commands/graph.ts")).graph(file, options)),
    );

  define("fmt", "format programs", "strm fmt *.strm", "strm fmt --check *.strm", "strm fmt - < pipeline.strm")
    .argument("<file...>", "programs, or - for the standard input")
    .option("--check", "write nothing, print the files that are not formatted")
    .action(async (files: string[], options) =>
      done((await import("./commands/fmt.ts")).fmt(files, options)),
    );

  program.commandsGroup("Run it:");
  define(
    "run",
    "run a pipeline",
    "strm run pipeline.strm",
    "strm run pipeline.strm --set stage=test --state /var/lib/strm/pipeline",
    "strm run pipeline.strm --output json > run-events.ndjson",
  )
    .argument("<file>", "the pipeline")
    .addOption(set())
    .option("--state <dir>", "folder for keys and quarantine (default: .strm beside the pipeline)")
    .addOption(
      new Option("--output <form>", "how the run reports: in words on stderr, or as NDJSON on stdout")
        .choices(outputForms)
        .default("text"),
    )
    .addHelpText("after", exitCodeHelp)
    .action(async (file: string, options) =>
      done(await (await import("./commands/run.ts")).run(file, options)),
    );

  program.commandsGroup("Set up:").helpCommand("help [command]", "show help for a command");
  define("init", "make a starter project that runs at once", "strm init", "strm init my-pipeline")
    .argument("[dir]", "its folder", ".")
    .action(async (folder: string) => done((await import("./commands/init.ts")).init(folder)));

  define(
    "completion",
    "print a completion script for a shell",
    "source <(strm completion bash)",
    "strm completion zsh > ~/.zfunc/_strm",
    "strm completion fish > ~/.config/fish/completions/strm.fish",
  )
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action(async (shell: Shell) =>
      done((await import("./commands/completion.ts")).completion(shell, program)),
    );

  return program;

  function define(name: string, summary: string, ...calls: readonly string[]): Command {
    return program
      .command(name)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .summary(summary)
      .configureOutput({ outputError: (text) => wrongUse(text, `strm ${name} --help shows how to call it.`) })
      .addHelpText("after", examples(...calls));
  }
}

function set(): Option {
  return new Option("--set <name=value>", "value of a param; may be given several times").argParser(
    (value: string, before: readonly string[] = []) => [...before, value],
  );
}

function examples(...calls: readonly string[]): string {
  return `\n${styleOf(process.stdout).strong(calls.length === 1 ? "Example:" : "Examples:")}\n${calls.map((call) => `  ${call}`).join("\n")}`;
}

const exitCodeHelp = `
The first SIGINT or SIGTERM stops reading and delivers what was read; the second leaves at once.
Exit codes: 0 done, 1 a bug of strm, 2 could not run, 3 cancelled, 4 the pipeline has errors,
5 done, but rejected events wait in the quarantine.`;

/** Rewords what commander says of a call, so that all errors look alike: what is wrong, then the next step. */
function wrongUse(text: string, otherwise: string): void {
  const [, message = text, near] = /^error: (.*?)(?:\n\((.*)\))?\s*$/s.exec(text) ?? [];
  const program = /^unknown command '(.*\.strm)'$/.exec(message)?.[1];
  const help = program === undefined ? (near ?? otherwise) : `Did you mean strm run ${program}?`;
  showFailure({ message: message.endsWith(".") ? message : `${message}.`, help });
}
