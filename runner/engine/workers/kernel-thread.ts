// The run's end of one kernel's thread: a batch goes there and its results come back, or the thread's death is told.
import { Worker } from "node:worker_threads";
import { StrmFailure } from "../../failure.ts";
import type { Batch } from "../../kernel/kernel.ts";
import type { Answer, KernelSpecs, Worked } from "./kernel-pool.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";

/** In a thread nothing of an event outlives its batch, so a small young generation costs little time and saves much memory. */
const YOUNG_GENERATION_MB = 8;

interface Job {
  readonly answer: Answer;
  readonly resolve: (worked: Worked) => void;
  readonly reject: (error: unknown) => void;
}

export class KernelThread {
  readonly #worker: Worker;
  #job: Job | undefined;
  #death: StrmFailure | undefined;
  #ending = false;

  constructor(specs: KernelSpecs) {
    const data: ThreadData = { specs };
    // Beside this file, whichever form both have: as sources in tests, else compiled.
    const file = new URL(import.meta.url.replace(/kernel-thread\.(\w+)$/, "thread.$1"));
    this.#worker = new Worker(file, {
      workerData: data,
      name: "strm kernel",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.on("message", (message: FromThread) => this.#take(message));
    this.#worker.on("error", (error) => this.#died(reasonOf(error), error));
    this.#worker.on("exit", (code) => {
      if (!this.#ending) this.#died(`it ended with code ${code}`);
    });
  }

  /** Not called again before the last call has settled. `spare`: buffers for the results. */
  run(source: string, batch: Batch, answer: Answer, spare: readonly ArrayBuffer[]): Promise<Worked> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      this.#job = { answer, resolve, reject };
      this.#send({ type: "work", source, batch, spare }, [batch.bytes.buffer, ...spare]);
    });
  }

  forget(closedBeforeMs: number): void {
    this.#send({ type: "forget", closedBeforeMs });
  }

  /** Ends the thread once it has overwritten its keys; one that is still at work is ended as it stands. */
  async close(): Promise<void> {
    this.#ending = true;
    if (this.#job !== undefined || this.#death !== undefined) {
      await this.#worker.terminate();
      return;
    }
    const exited = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#send({ type: "end" });
    await exited;
  }

  #send(message: ToThread, moved: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, [...moved]);
  }

  #take(message: FromThread): void {
    const job = this.#job;
    if (job === undefined) return;
    switch (message.type) {
      case "wants":
        job.answer(message.wants).then(
          (links) => {
            // A batch that lacks nothing goes on by itself, and may be done by now.
            if (links.length > 0) this.#send({ type: "links", links });
          },
          (error) => {
            if (this.#job === job) this.#fail(error);
          },
        );
        return;
      case "done":
        this.#job = undefined;
        job.resolve({ batch: message.batch, result: message.result, workedMs: message.workedMs });
        return;
      case "broken":
        this.#fail(message.error);
    }
  }

  #fail(error: unknown): void {
    this.#job?.reject(error);
    this.#job = undefined;
  }

  #died(reason: string, cause?: unknown): void {
    this.#death ??= new StrmFailure(
      "run.worker-died",
      `A kernel's thread has died: ${reason}.`,
      "Nothing was lost: run again, and it goes on where it stopped. Where memory is short, name fewer threads with `--workers N`.",
      { cause },
    );
    this.#fail(this.#death);
  }
}

/** Never an error's own words: they may quote an event. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "it ran out of memory";
  return typeof code === "string" ? code : "of an unexpected error";
}
