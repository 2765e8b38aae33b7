// The commands about rejected events: list, show and replay.
import type { Command } from "commander";
import { define } from "./define-command.ts";
import type { ExitCode } from "./exit.ts";
import * as flags from "./flags.ts";
import { keepYoungGenerationSmall } from "./young-generation.ts";

export function defineRejected(program: Command, done: (code: ExitCode) => void): void {
  const rejected = define(
    program,
    "rejected",
    "look at rejected events, and replay them",
    "strm rejected list pipeline.strm",
    "strm rejected show pipeline.strm --code event.not-json",
    "strm rejected replay pipeline.strm",
  ).helpCommand(false);

  define(
    rejected,
    "list",
    "count what the quarantine holds, by run, stream and code",
    "strm rejected list pipeline.strm",
    "strm rejected list pipeline.strm --json",
  )
    .argument("<file>", "the pipeline")
    .addOption(flags.state())
    .addOption(flags.code())
    .addOption(flags.step())
    .addOption(flags.runs("only events of this run"))
    .option("--json", "print it as JSON")
    .action(async (file: string, options) =>
      done(await (await import("./commands/rejected/list.ts")).list(file, options)),
    );

  define(
    rejected,
    "show",
    "show rejected events one by one",
    "strm rejected show pipeline.strm --code event.not-json",
    "strm rejected show pipeline.strm 20260102T030405Z-1a2b3c:7 --unseal",
  )
    .argument("<file>", "the pipeline")
    .argument("[record]", "only this one: RUN:NUMBER, as it is shown")
    .addOption(flags.state())
    .addOption(flags.set())
    .addOption(flags.code())
    .addOption(flags.step())
    .addOption(flags.runs("only events of this run"))
    .addOption(flags.limit())
    .option("--unseal", "open the events with the master key, and print them IN CLEAR")
    .option("--json", "print each as a line of JSON")
    .addHelpText("after", showHelp)
    .action(async (file: string, record: string | undefined, options) =>
      done(await (await import("./commands/rejected/show.ts")).show(file, record, options)),
    );

  define(
    rejected,
    "replay",
    "let the pipeline take its rejected events again",
    "strm rejected replay pipeline.strm",
    "strm rejected replay pipeline.strm --run 20260102T030405Z-1a2b3c",
  )
    .argument("<file>", "the pipeline")
    .addOption(flags.set())
    .addOption(flags.state())
    .addOption(flags.runs("events of this run (default: those of the last job)"))
    .addOption(flags.workers())
    .addOption(flags.checkpointEvery())
    .addOption(flags.output())
    .addOption(flags.ascii())
    .addOption(flags.listen())
    .addHelpText("after", replayHelp)
    .action(async (file: string, options) => {
      keepYoungGenerationSmall();
      done(await (await import("./commands/rejected/replay.ts")).replay(file, options));
    });
}

const showHelp = `
An event stays sealed unless --unseal is given. The master key comes from STRM_MASTER_KEY, else from the
state folder, as for strm run.`;

const replayHelp = `
Put right first what made the pipeline refuse them: its contract, or the key store. What comes of the events
is added to what the job wrote; what is refused once more goes back to the quarantine. Each is replayed once.`;
