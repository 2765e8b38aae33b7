// A run as NDJSON on standard output, for programs and for collectors of logs: every run event is one line, with its level and its run.
import type { Writable } from "node:stream";
import type { RunEvent } from "../../runner/index.ts";
import { levelOf } from "./level.ts";

/**
 * Writes run events; while the reader is behind, progress is left out but for the latest, since each one holds all that
 * the ones before it said.
 */
export class JsonOutput {
  readonly #out: Writable;
  #runId: string | undefined;
  #progress: RunEvent | undefined;

  constructor(out: Writable) {
    this.#out = out;
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
    if (event.type === "started") this.#runId = event.run_id;
    this.#out.write(`${JSON.stringify({ level: levelOf(event), run_id: this.#runId, ...event })}\n`);
  }
}
