// The codes of failures that stop a run, each with its page.
import type { CodePage } from "../dsl/diagnostics/code-page.ts";
import { kafkaFailureCodes } from "./connectors/kafka/failure-codes.ts";
import { kafkaStepCodes } from "./connectors/kafka/step-codes.ts";
import { bucketFailureCodes } from "./connectors/objects/failure-codes.ts";
import { bucketSourceCodes } from "./connectors/objects/source-codes.ts";
import { bucketStepCodes } from "./connectors/objects/step-codes.ts";
import { runFailureCodes } from "./engine/failure-codes.ts";
import { registryFailureCodes } from "./formats/avro/failure-codes.ts";
import { keyFailureCodes } from "./privacy/failure-codes.ts";

export const failureCodes = {
  ...keyFailureCodes,
  ...runFailureCodes,
  ...kafkaFailureCodes,
  ...kafkaStepCodes,
  ...bucketFailureCodes,
  ...bucketStepCodes,
  ...bucketSourceCodes,
  ...registryFailureCodes,
  "file.not-found": {
    title: "A path names no file",
    why: "The run was asked to read a file, or the files of a pattern, and there is none. Going on with no events would look like success.",
    fix: "Correct `path`. Relative paths start at the folder of the pipeline's file. To wait for files that come later, add `follow = true`.",
    example: {
      wrong: 'source clicks of clickstream from file { path = "date/clicks.jsonl" }',
      right: 'source clicks of clickstream from file { path = "data/clicks.jsonl" }',
    },
  },
  "file.exists": {
    title: "A sink would replace a file that is not its own",
    why: "A sink replaces only what the pipeline wrote itself and nobody changed since. Anything else may be somebody's only copy.",
    fix: "Move the file away, write to another `path`, or say `overwrite = true` where the file may be lost.",
    example: {
      wrong: 'sink safe into file { path = "out/safe.jsonl" }',
      right: 'sink safe into file { path = "out/safe.jsonl", overwrite = true }',
    },
  },
  "file.not-a-file": {
    title: "A path names something that is not a regular file",
    why: "Sinks write regular files, which appear by one rename. A folder, a device or a pipe can't be replaced that way.",
    fix: 'Name a file: `path = "out/safe.jsonl"`. To write to another program, use `stdout`.',
  },
  "file.denied": {
    title: "The operating system refuses access to a file",
    why: "The user that runs strm lacks the right to read or write there, or the file system is read-only.",
    fix: "Give that user the right, or choose another path.",
  },
  "file.disk-full": {
    title: "There is no space left",
    why: "The disk, or the user's share of it, is full. What the last checkpoint holds is safe.",
    fix: "Make space and run again: it goes on from its last checkpoint.",
  },
  "file.changed": {
    title: "A file is not the one that the last run left",
    why: "A run that goes on reads each file where the one before stopped, and writes its outputs on from there. Where a file was replaced, cut short or removed in between, going on would lose or double events.",
    fix: "Put the file back and run again. Or start over with `--from-start`, which reads everything again and replaces what the pipeline wrote. Files that grow and are rotated are read with `follow = true`.",
    example: { wrong: "strm run pipeline.strm", right: "strm run pipeline.strm --from-start" },
  },
  "file.corrupt": {
    title: "A compressed file or an Avro file is damaged",
    why: "It begins as such a file does, but goes on otherwise, or ends too early: it is still being written, or was damaged.",
    fix: "Wait until the file is complete, or get it anew, and run again: what was read from it before is not read twice.",
  },
  "file.avro": {
    title: "A file can't be read as an Avro file",
    why: "With `format = avro`, a file is an object container file, as Avro's libraries write it: it names its schema, and its blocks are plain or packed by deflate, snappy or zstandard, of at most 64 MiB each. Such a file is complete when it is found, so that it can't be followed.",
    fix: "Do what the message says. Files of JSON lines are read with `format = json`.",
  },
  "file.csv": {
    title: "A file can't be read as CSV",
    why: "With `format = csv`, a file's first row names its columns, each by another name, and is no longer than `max_event`; or the option `columns` does. Without names, nothing in the file is a field of anything. Such a file is complete when it is found, so that it can't be followed.",
    fix: 'Do what the message says. Where the first row is data, name the columns in the option `csv`: `csv = { columns = ["id", "customer.id"] }`.',
  },
  "file.io": {
    title: "Reading or writing a file failed",
    why: "The operating system reported an error that has no better name here. It stands in the message.",
    fix: "Look at the disk or the mount that the path is on, and run again.",
  },
  "stdout.closed": {
    title: "The program that read the output has ended",
    why: "Events that nobody takes can't be delivered, so the run ends before it reads more.",
    fix: "Look why the reading program ended. With `head` and the like, this is expected.",
    example: { wrong: "strm run pipeline.strm | head -1" },
  },
  "stdout.taken": {
    title: "Standard output is asked for twice",
    why: "`--output json` writes run events to the standard output, and a sink writes events there too. Mixed, neither can be read.",
    fix: "Leave out `--output json`, or let the sink write to a file.",
    example: { wrong: "strm run pipeline.strm --output json", right: "strm run pipeline.strm" },
  },
  "stdin.absent": {
    title: "There is no standard input to read",
    why: "A source reads from `stdin`, and the process was started without one.",
    fix: "Send events to it: `strm run pipeline.strm < events.jsonl`.",
  },
  "stdin.other": {
    title: "Standard input is not what the last run read",
    why: "With `resend = true` the sender promises to send everything again from the start, so that the run can skip what its checkpoint holds. What came differs from what was read before, or ends before that.",
    fix: "Send the same bytes from the start. Or start over with `--from-start`, or leave `resend` out where the sender goes on by itself.",
    example: {
      wrong: "tail -n 100 events.jsonl | strm run pipeline.strm",
      right: "cat events.jsonl | strm run pipeline.strm",
    },
  },
  "secret.missing": {
    title: "A secret can't be found",
    why: '`secret("NAME")` is the file NAME in the folder `STRM_SECRETS_DIR` (default `/run/secrets`), else the environment variable NAME. Neither is there.',
    fix: "Put the file there, or set the variable, and run again.",
    example: { wrong: "strm run pipeline.strm", right: "MASK_SEED=… strm run pipeline.strm" },
  },
  "value.unresolved": {
    title: "A value that comes from outside is missing or wrong",
    why: "`env` and `file` are looked up when the run starts. Here one is not there, can't be read, or its text is not what the option takes.",
    fix: "Set the variable or write the file as the message says.",
    example: {
      wrong: 'source clicks of clickstream from file { path = env("CLICKS") }',
      right: "CLICKS=data/clicks.jsonl strm run pipeline.strm",
    },
  },
} as const satisfies Record<string, CodePage>;

export type FailureCode = keyof typeof failureCodes;
