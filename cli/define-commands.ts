// The commands with their flags and examples; what a command needs is loaded when it is called.
import { Argument, Command, Option } from "commander";
import { graphFormats, type Shell, shells } from "./choices.ts";
import { define, examples, wrongUse } from "./define-command.ts";
import { defineRejected } from "./define-rejected.ts";
import type { ExitCode } from "./exit.ts";
import * as flags from "./flags.ts";
import { colours, styleOf } from "./terminal.ts";
import { keepYoungGenerationSmall } from "./young-generation.ts";

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
  define(
    program,
    "check",
    "find the mistakes in programs",
    "strm check pipeline.strm",
    "strm check --json *.strm",
    "strm check --connect pipeline.strm",
  )
    .argument("<file...>", "programs, each checked by itself")
    .option("--json", "print the findings as JSON")
    .option(
      "--connect",
      "then try what a run will need: files, topics, buckets, key stores, secrets, rights; nothing is left behind",
    )
    .addOption(flags.set())
    .addOption(flags.state())
    .action(async (files: string[], options) =>
      done(await (await import("./commands/check.ts")).check(files, options)),
    );

  define(
    program,
    "explain",
    "say who can read what, or what a code means",
    "strm explain pipeline.strm",
    "strm explain --plan pipeline.strm",
    "strm explain flow.raw-sink",
  )
    .argument("<file|code>", "a program, or the code of a finding, a failure or a rejected event")
    .option(
      "--plan",
      "say how a run executes the program: what is optimized and why, and what each stream does",
    )
    .option("--json", "print it as JSON")
    .addOption(flags.set())
    .action(async (subject: string, options) =>
      done(await (await import("./commands/explain.ts")).explain(subject, options)),
    );

  define(
    program,
    "graph",
    "show the job graph of a program",
    "strm graph pipeline.strm",
    "strm graph pipeline.strm --format dot | dot -Tsvg > pipeline.svg",
  )
    .argument("<file>", "the program")
    .addOption(new Option("--format <form>", "how it is shown").choices(graphFormats).default("text"))
    .addOption(flags.set())
    .action(async (file: string, options) =>
      done((await import("./commands/graph.ts")).graph(file, options)),
    );

  define(
    program,
    "fmt",
    "format programs",
    "strm fmt *.strm",
    "strm fmt --check *.strm",
    "strm fmt - < pipeline.strm",
  )
    .argument("<file...>", "programs, or - for the standard input")
    .option("--check", "write nothing, print the files that are not formatted")
    .action(async (files: string[], options) =>
      done((await import("./commands/fmt.ts")).fmt(files, options)),
    );

  program.commandsGroup("Run it:");
  define(
    program,
    "run",
    "run a pipeline",
    "strm run pipeline.strm",
    "strm run pipeline.strm --set stage=test --state /var/lib/strm/pipeline",
    "strm run pipeline.strm --workers 4 --checkpoint-every 30s",
    "strm run pipeline.strm --output json > run-events.ndjson",
    "strm run pipeline.strm --listen 127.0.0.1:9464",
  )
    .argument("<file>", "the pipeline")
    .addOption(flags.set())
    .addOption(flags.state())
    .addOption(flags.workers())
    .option("--from-start", "forget how far the job has come, and write its outputs anew; keys stay")
    .addOption(flags.checkpointEvery())
    .addOption(flags.output())
    .addOption(flags.ascii())
    .addOption(flags.listen())
    .addHelpText("after", runHelp)
    .action(async (file: string, options) => {
      keepYoungGenerationSmall();
      done(await (await import("./commands/run.ts")).run(file, options));
    });

  define(
    program,
    "top",
    "watch a run that was started with --listen, from another terminal",
    "strm top http://127.0.0.1:9464",
    "STRM_LISTEN_TOKEN=$(cat token) strm top https://strm.example/clicks",
  )
    .argument("<url>", "where the run is served, as strm run --listen prints it")
    .addOption(flags.ascii())
    .addHelpText("after", topHelp)
    .action(async (url: string, options) =>
      done(await (await import("./commands/top.ts")).top(url, options)),
    );

  define(
    program,
    "state",
    "show the checkpoints, ledgers and keys of a state folder",
    "strm state",
    "strm state pipeline.strm",
    "strm state --state /var/lib/strm --json",
  )
    .argument("[file]", "only the job of this pipeline")
    .option("--state <dir>", "the state folder (default: .strm beside the pipeline, or here)")
    .option("--json", "print it as JSON")
    .action(async (file: string | undefined, options) =>
      done(await (await import("./commands/state.ts")).state(file, options)),
    );
  defineRejected(program, done);

  program.commandsGroup("Set up:").helpCommand("help [command]", "show help for a command");
  define(program, "init", "make a starter project that runs at once", "strm init", "strm init my-pipeline")
    .argument("[dir]", "its folder", ".")
    .action(async (folder: string) => done((await import("./commands/init.ts")).init(folder)));

  define(
    program,
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
}

const topHelp = `
Nothing that is done here reaches the run: q leaves, and it goes on. Values of events can't be seen from here.
The token comes from STRM_LISTEN_TOKEN. A run that gets lost is tried again; one that is started anew is shown then.
Exit codes: 0 left, or the run is done, 1 a bug of strm, 2 the run can't be watched or has failed,
5 the run is done, but rejected events wait in the quarantine.`;

const runHelp = `
A run goes on from the last checkpoint of the one before, if that did not come to its end.
The first SIGINT or SIGTERM stops reading and delivers what was read; the second leaves at once.
Exit codes: 0 done, 1 a bug of strm, 2 could not run, 3 cancelled, 4 the pipeline has errors,
5 done, but rejected events wait in the quarantine.`;
