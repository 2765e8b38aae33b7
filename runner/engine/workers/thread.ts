// A kernel's thread: works on one batch at a time and asks the run for the keys that it lacks.
import { parentPort, workerData } from "node:worker_threads";
import type { Batch, Frames, Kernel, LinkSecret } from "../../kernel/kernel.ts";
import { openKernel } from "../../kernel/open-kernel.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";

interface Working {
  readonly kernel: Kernel;
  readonly batch: Batch;
  readonly scannedMs: number;
}

const port = parentPort;
if (port === null) throw new Error("this file is started as a thread");
const { specs }: ThreadData = workerData;
const kernels = new Map<string, Kernel>();
for (const [source, spec] of specs) kernels.set(source, await openKernel(spec));
/** The batch that waits for its keys. */
let working: Working | undefined;

const send = (message: FromThread, moved: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...moved]);

function emit({ kernel, batch, scannedMs }: Working, links: readonly (LinkSecret | undefined)[]): void {
  const startMs = performance.now();
  const result = kernel.emit(links);
  const workedMs = scannedMs + performance.now() - startMs;
  const moved = [
    batch.bytes.buffer,
    ...result.outputs.flatMap(({ bytes, frames }) => [bytes.buffer, ...(frames ? buffersOf(frames) : [])]),
  ];
  send({ type: "done", batch, result, workedMs }, moved);
}

function buffersOf({ ends, records, timesMs, linkEnds, links }: Frames): readonly ArrayBuffer[] {
  return [ends.buffer, records.buffer, timesMs.buffer, linkEnds.buffer, links.buffer];
}

function take(message: ToThread): void {
  switch (message.type) {
    case "work": {
      const kernel = kernels.get(message.source);
      if (kernel === undefined) throw new Error(`there is no kernel for ${message.source}`);
      for (const buffer of message.spare) kernel.recycle(buffer);
      const startMs = performance.now();
      const wants = kernel.scan(message.batch);
      send({ type: "wants", wants });
      const scanned = { kernel, batch: message.batch, scannedMs: performance.now() - startMs };
      if (wants.length > 0) working = scanned;
      // Most batches lack nothing: there is no answer to wait for.
      else emit(scanned, []);
      return;
    }
    case "links": {
      if (working === undefined) throw new Error("keys came without a batch");
      const scanned = working;
      working = undefined;
      emit(scanned, message.links);
      return;
    }
    case "forget":
      for (const kernel of kernels.values()) kernel.forget(message.closedBeforeMs);
      return;
    case "end":
      for (const kernel of kernels.values()) kernel.destroy();
      port?.close();
  }
}

port.on("message", (message: ToThread) => {
  try {
    take(message);
  } catch (error) {
    send({ type: "broken", error });
  }
});
