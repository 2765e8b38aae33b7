// A run as NDJSON on standard output, for programs and for collectors of logs: every run event is one line, with its level and its run.
import type { Writable } from "node:stream";
import { type Logger, pino } from "pino";
import type { RunEvent } from "../../runner/index.ts";
import { levelOf } from "./level.ts";

/**
 * Writes run events; while the reader is behind, progress is left out but for the latest, since each one holds all that
 * the ones before it said.
 */
export class JsonOutput {
  readonly #out: Writable;
  #log: Logger;
  #progress: RunEvent | undefined;

  constructor(out: Writable) {
    this.#out = out;
    this.#log = loggerTo(out);
    out.on("drain", () => this.#flush());
  }

  report(event: RunEvent): void {
    if (event.type === "progress" && this.#out.writableNeedDrain) {
      this.#progress = event;
      return;
    }
    this.#flush();
    this.#write(event);
  }

  /** The terminal is as it was: nothing was drawn. */
  close(): void {
    this.#flush();
  }

  #flush(): void {
    const event = this.#progress;
    this.#progress = undefined;
    if (event !== undefined) this.#write(event);
  }

  #write(event: RunEvent): void {
    const log = this.#log;
    if (event.type !== "started") {
      log[levelOf(event)](event);
      return;
    }
    // Here the run's id is the event's own: a line must not hold it twice.
    const { run_id, ...rest } = event;
    log[levelOf(event)]({ run_id, ...rest });
    this.#log = log.child({ run_id });
  }
}

/** Nothing of the process stands in a line, and no time but the event's. Lines go to `out` at once, so that none waits for the process to end. */
function loggerTo(out: Writable): Logger {
  return pino(
    {
      level: "debug",
      base: null,
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => out.write(line) },
  );
}
