// A kernel's thread: works on one batch at a time and asks the run for the keys that it lacks.
import { parentPort, workerData } from "node:worker_threads";
import type { Kernel } from "../../kernel/kernel.ts";
import { openKernel } from "../../kernel/open-kernel.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";

const port = parentPort;
if (port === null) throw new Error("this file is started as a thread");
const { specs }: ThreadData = workerData;
const kernels = new Map<string, Kernel>();
for (const [source, spec] of specs) kernels.set(source, await openKernel(spec));
let working:
  | { readonly kernel: Kernel; readonly batch: Extract<ToThread, { type: "work" }>["batch"] }
  | undefined;

const send = (message: FromThread, moved: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...moved]);

function take(message: ToThread): void {
  switch (message.type) {
    case "work": {
      const kernel = kernels.get(message.source);
      if (kernel === undefined) throw new Error(`there is no kernel for ${message.source}`);
      for (const buffer of message.spare) kernel.recycle(buffer);
      working = { kernel, batch: message.batch };
      send({ type: "wants", wants: kernel.scan(message.batch) });
      return;
    }
    case "links": {
      if (working === undefined) throw new Error("keys came without a batch");
      const { kernel, batch } = working;
      working = undefined;
      const result = kernel.emit(message.links);
      send({ type: "done", batch, result }, [
        batch.bytes.buffer,
        ...result.outputs.map(({ bytes }) => bytes.buffer),
      ]);
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
