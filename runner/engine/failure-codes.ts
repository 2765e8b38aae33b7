// The codes of failures of a run as a whole: its state, its steps, its threads.
import type { CodePage } from "../../dsl/diagnostics/code-page.ts";

export const runFailureCodes = {
  "run.locked": {
    title: "The pipeline is running already",
    why: "Two runs on one state folder would count, number and write the same events twice. The operating system holds the lock, and drops it when the process ends, however that comes about.",
    fix: "Stop the other run, or give this one a state folder of its own with `--state DIR`.",
    example: {
      wrong: "strm run pipeline.strm & strm run pipeline.strm",
      right: "strm run pipeline.strm & strm run pipeline.strm --state /tmp/second",
    },
  },
  "run.no-answer": {
    title: "A step was tried, and nothing answered",
    why: "`strm check --connect` waits half a minute for each step. A firewall or proxy that drops messages looks like this, and so does an address at which something else listens.",
    fix: "Check the address that the step names, from the very machine that is to run it.",
    example: { wrong: "strm check --connect pipeline.strm" },
  },
  "run.changed": {
    title: "The pipeline was changed since its last checkpoint",
    why: "A run goes on from where the one before stopped. After a change of contracts, consent, masks, sources or sinks, what is written already would have come out otherwise, and outputs would mix two pipelines.",
    fix: "Start over with `--from-start`, which reads everything again and replaces what the pipeline wrote. Or undo the change, or name a new state folder with `--state DIR`; that has keys of its own.",
    example: { wrong: "strm run pipeline.strm", right: "strm run pipeline.strm --from-start" },
  },
  "run.nothing-to-replay": {
    title: "There are no rejected events to replay",
    why: "Rejected events go to the quarantine only where no sink takes them, and each is replayed once.",
    fix: "`strm rejected list FILE` shows what is there, by run.",
    example: { wrong: "strm rejected replay pipeline.strm", right: "strm rejected list pipeline.strm" },
  },
  "run.worker-died": {
    title: "A kernel's thread has died",
    why: "A thread that works on events ended by itself, most often because memory ran out. The run stops rather than waits for its answer.",
    fix: "Run again: it goes on from the last checkpoint. Where memory is short, name fewer threads with `--workers N`.",
    example: { wrong: "strm run pipeline.strm --workers 16", right: "strm run pipeline.strm --workers 2" },
  },
  "run.same-place": {
    title: "Two steps use the same place",
    why: "Two sinks that write one file would overwrite each other, and two sources of one pipe would each get half.",
    fix: "Give each its own place.",
  },
  "run.state-folder": {
    title: "The state folder can't be used",
    why: "Keys, checkpoints, the quarantine and what sinks have written are kept there. Without it nothing can be sealed, and nothing gone on with.",
    fix: "Do what the message says: make space, make the folder writable for the user that runs strm, or name another one with `--state DIR`.",
    example: {
      wrong: "strm run /readonly/pipeline.strm",
      right: "strm run /readonly/pipeline.strm --state ~/.strm/pipeline",
    },
  },
  "run.unknown-connector": {
    title: "The job graph names a connector or a key store that this strm lacks",
    why: "The graph was made by another version, or by hand.",
    fix: "Run `strm check` on the pipeline with this version.",
  },
  "run.unbalanced": {
    title: "The ledger does not balance",
    why: "Each step must account for every event: in = out + withheld + rejected. Where that fails, events may be missing, so nothing is made visible.",
    fix: "This is a mistake in strm. Please report it with the ledger that was shown; it holds no personal data.",
  },
} as const satisfies Record<string, CodePage>;
