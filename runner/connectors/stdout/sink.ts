// Writes to the process's standard output, as fast as its reader reads.
import type { Json } from "../../../dsl/spec/option-value.ts";
import { StrmFailure } from "../../failure.ts";
import { Fields } from "../../formats/fields.ts";
import type { SinkContext } from "../connector.ts";
import type { Committed, Cut, Sink } from "../delivery.ts";

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
  const sink = new StdoutSink(stdout, context);
  if (context.resume === undefined && context.header.length > 0) await sink.write(context.header, 0);
  return sink;
}

/** What was written between two commits. What was read can't be taken back, so there is nothing else to keep. */
interface Share {
  readonly events: number;
  readonly size_bytes: number;
  /** The run's last: what it wrote in all is reported. */
  readonly ends: boolean;
}

class StdoutSink implements Sink {
  readonly #stdout: NodeJS.WritableStream;
  readonly #step: string;
  readonly #onError: (error: Error) => void;
  #failure: StrmFailure | undefined;
  #open: Share = { events: 0, size_bytes: 0, ends: false };
  #prepared: Share;
  #all: { readonly events: number; readonly sizeBytes: number } = { events: 0, sizeBytes: 0 };

  constructor(stdout: NodeJS.WritableStream, { step, resume }: SinkContext) {
    this.#stdout = stdout;
    this.#step = step;
    const state = new Fields(resume);
    this.#prepared = { events: state.number("events"), size_bytes: state.number("size_bytes"), ends: false };
    // Without a listener, a reader that goes away would end the process by an uncaught error.
    this.#onError = (error) => {
      this.#failedBy(error);
    };
    stdout.on("error", this.#onError);
  }

  write(bytes: Uint8Array, events: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      // The callback comes when the bytes are with the operating system: only then may they be reused.
      this.#stdout.write(bytes, (error) => {
        if (error) return reject(this.#failedBy(error));
        const { events: before, size_bytes, ends } = this.#open;
        this.#open = { events: before + events, size_bytes: size_bytes + bytes.length, ends };
        resolve();
      });
    });
  }

  prepare({ ends }: Cut): Promise<Json> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#prepared = { ...this.#open, ends };
    return Promise.resolve({ ...this.#prepared });
  }

  commit(): Promise<Committed> {
    const { events, size_bytes, ends } = this.#prepared;
    this.#open = {
      events: Math.max(0, this.#open.events - events),
      size_bytes: Math.max(0, this.#open.size_bytes - size_bytes),
      ends: false,
    };
    this.#prepared = { events: 0, size_bytes: 0, ends: false };
    this.#all = { events: this.#all.events + events, sizeBytes: this.#all.sizeBytes + size_bytes };
    return Promise.resolve({ events, written: ends ? [{ target: "stdout", ...this.#all }] : [] });
  }

  /** The listener stays where an error may still come. */
  close(): Promise<void> {
    if (this.#failure === undefined) this.#stdout.removeListener("error", this.#onError);
    return Promise.resolve();
  }

  /** The first failure stands; a write may tell it before the stream does. */
  #failedBy(cause: Error): StrmFailure {
    this.#failure ??= new StrmFailure(
      "stdout.closed",
      `Sink \`${this.#step}\` can't write on: the program that read stdout has ended.`,
      "With `head` and the like this is expected. Else look why that program ended, and run again.",
      { cause },
    );
    return this.#failure;
  }
}
