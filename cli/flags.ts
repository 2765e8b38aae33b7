// The flags that several commands share, and the bounds of those that are numbers or durations.
import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../dsl/index.ts";
import { outputForms } from "./choices.ts";
import { listenPlace } from "./serve/place.ts";

export function set(): Option {
  return new Option("--set <name=value>", "value of a param; may be given several times").argParser(collect);
}

export function state(): Option {
  return new Option(
    "--state <dir>",
    "folder for keys, checkpoints and quarantine (default: .strm beside the pipeline)",
  );
}

export function output(): Option {
  const text =
    "how the run reports: on the whole terminal, in words on stderr, or as NDJSON on stdout (default: tui on a terminal, else text)";
  return new Option("--output <form>", text).choices(outputForms);
}

export function ascii(): Option {
  return new Option("--ascii", "for terminals that show ASCII only: draw with nothing else");
}

export function workers(): Option {
  const text = "kernels that work side by side, 1 to 64 (default: as many as there are cores, up to 8)";
  return new Option("--workers <number>", text).argParser(wholeNumber(1, 64));
}

/** Each checkpoint costs a sync of every sink, so more often would slow the run; more seldom would leave much to do again. */
export function checkpointEvery(): Option {
  const text = "time between checkpoints, 100ms to 1h: what a crash has to do again at most (default: 5s)";
  return new Option("--checkpoint-every <duration>", text).argParser((duration) => {
    const durationMs = parseDuration(duration) ?? 0;
    if (durationMs >= 100 && durationMs <= 3_600_000) return durationMs;
    throw new InvalidArgumentError("Give a duration from 100ms to 1h, such as 5s.");
  });
}

export function listen(): Option {
  const text =
    "serve metrics, health, graph and run events over HTTP there, such as 127.0.0.1:9464; beyond this machine it takes a token in STRM_LISTEN_TOKEN";
  return new Option("--listen <host:port>", text).argParser((value) => {
    const place = listenPlace(value);
    if (place !== undefined) return place;
    throw new InvalidArgumentError("Give a host and a port, such as 127.0.0.1:9464 or [::1]:9464.");
  });
}

export function code(): Option {
  return new Option("--code <code>", "only events refused with this code, such as event.not-json");
}

export function step(): Option {
  return new Option("--step <name>", "only events that this stream refused");
}

export function runs(text: string): Option {
  return new Option("--run <run>", `${text}; may be given several times`).argParser(collect);
}

export function limit(): Option {
  return new Option("--limit <number>", "how many are shown at most")
    .argParser(wholeNumber(1, 1_000_000))
    .default(20);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A reader of whole numbers from `least` to `most`. */
function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}
