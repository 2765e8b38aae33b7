// Writes to the process's standard output, as fast as its reader reads.
import { StrmFailure } from "../../failure.ts";
import type { Sink, SinkContext, SinkReport } from "../connector.ts";

/** Throws `stdout.taken` where standard output carries something else. */
export async function openStdout(_: unknown, context: SinkContext): Promise<Sink> {
  const { stdout } = context.streams;
  if (stdout === undefined) {
    throw new StrmFailure(
      "stdout.taken",
      `Sink \`${context.step}\` writes events to stdout, which the run's own output uses.`,
      "Leave out `--output json`, or let the sink write to a file.",
    );
  }
  context.claim("stdout");
  return new StdoutSink(stdout, context.step);
}

class StdoutSink implements Sink {
  readonly #stdout: NodeJS.WritableStream;
  readonly #step: string;
  readonly #onError: (error: Error) => void;
  #failure: StrmFailure | undefined;
  #events = 0;
  #sizeBytes = 0;

  constructor(stdout: NodeJS.WritableStream, step: string) {
    this.#stdout = stdout;
    this.#step = step;
    // Without a listener, a reader that goes away would end the process by an uncaught error.
    this.#onError = (error) => {
      this.#failure ??= this.#closedBy(error);
    };
    stdout.on("error", this.#onError);
  }

  write(bytes: Uint8Array, events: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      // The callback comes when the bytes are with the operating system: only then may they be reused.
      this.#stdout.write(bytes, (error) => {
        if (error) return reject(this.#closedBy(error));
        this.#events += events;
        this.#sizeBytes += bytes.length;
        resolve();
      });
    });
  }

  complete(): Promise<readonly SinkReport[]> {
    this.#stdout.removeListener("error", this.#onError);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return Promise.resolve([{ target: "stdout", events: this.#events, sizeBytes: this.#sizeBytes }]);
  }

  /** What has been read can't be taken back; the listener stays, since errors may still come. */
  abort(): Promise<void> {
    return Promise.resolve();
  }

  #closedBy(cause: Error): StrmFailure {
    return new StrmFailure(
      "stdout.closed",
      `Sink \`${this.#step}\` can't write on: the program that read stdout has ended.`,
      "With `head` and the like this is expected. Else look why that program ended, and run again.",
      { cause },
    );
  }
}
