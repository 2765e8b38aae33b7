// Reads the process's standard input.
import { StrmFailure } from "../../failure.ts";
import type { Chunk, Source, SourceContext } from "../connector.ts";

/** Throws `stdin.absent` where the run was given none. */
export async function openStdin(_: unknown, context: SourceContext): Promise<Source> {
  const { stdin } = context.streams;
  if (stdin === undefined) {
    throw new StrmFailure(
      "stdin.absent",
      `Source \`${context.step}\` reads from stdin, and there is none.`,
      "Send events to it: `strm run pipeline.strm < events.jsonl`.",
    );
  }
  context.claim("stdin");
  return {
    chunks: (stop) => read(stdin, stop),
    // An open pipe that nobody reads would keep the process from ending.
    close: async () => void stdin.destroy?.(),
  };
}

async function* read(stdin: AsyncIterable<Uint8Array>, stop: AbortSignal): AsyncGenerator<Chunk, void, void> {
  const input = stdin[Symbol.asyncIterator]();
  // A pipe may be silent for ever: a stop must not wait for its next bytes.
  const stopped = new Promise<"stopped">((resolve) => {
    stop.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
  let offsetBytes = 0;
  while (!stop.aborted) {
    const next = await Promise.race([input.next(), stopped]);
    if (next === "stopped") break;
    if (next.done === true) {
      yield { bytes: new Uint8Array(0), origin: "stdin", offsetBytes, last: true };
      return;
    }
    yield { bytes: next.value, origin: "stdin", offsetBytes, last: false };
    offsetBytes += next.value.length;
  }
}
