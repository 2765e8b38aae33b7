// A run as NDJSON on standard output: every run event is one line, as it comes.
import type { RunEvent } from "../../runner/index.ts";

/**
 * Writes run events; while the reader is behind, progress is left out but for the latest, since each one holds all that
 * the ones before it said.
 */
export class JsonOutput {
  readonly #out: NodeJS.WriteStream;
  #progress: RunEvent | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    out.on("drain", () => this.#flush());
  }

  report(event: RunEvent): void {
    if (event.type === "progress" && this.#out.writableNeedDrain) {
      this.#progress = event;
      return;
    }
    this.#flush();
    this.#out.write(`${JSON.stringify(event)}\n`);
  }

  /** The terminal is as it was: nothing was drawn. */
  close(): void {
    this.#flush();
  }

  #flush(): void {
    const event = this.#progress;
    this.#progress = undefined;
    if (event !== undefined) this.#out.write(`${JSON.stringify(event)}\n`);
  }
}
