// Reads the process's standard input.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import { Fingerprint } from "../../formats/fingerprint.ts";
import { type Framed, Framer, type Reached, type Start } from "../../formats/lines.ts";
import type { SourceContext, Streams } from "../connector.ts";
import type { Item, Source } from "../delivery.ts";
import { reachedIn, reachedJson, sameBytes } from "../position.ts";
import type { stdinSpec } from "./spec.ts";

type Options = OptionsOf<typeof stdinSpec.source.options>;
type Input = NonNullable<Streams["stdin"]>;

/** The one partition, and the name of what events came from. */
const ORIGIN = "stdin";

/** Throws `stdin.absent` where the run was given none. */
export async function openStdin(options: Options, context: SourceContext): Promise<Source> {
  const { stdin } = context.streams;
  if (stdin === undefined) {
    throw new StrmFailure(
      "stdin.absent",
      `Source \`${context.step}\` reads from stdin, and there is none.`,
      "Send events to it: `strm run pipeline.strm < events.jsonl`.",
    );
  }
  context.claim(ORIGIN);
  return new Stdin(stdin, options, context);
}

class Stdin implements Source {
  readonly #stdin: Input;
  readonly #resend: boolean;
  readonly #context: SourceContext;

  constructor(stdin: Input, { resend }: Options, context: SourceContext) {
    this.#stdin = stdin;
    this.#resend = resend;
    this.#context = context;
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const { resume, maxEventBytes, buffers } = this.#context;
    const position = resume.get(ORIGIN);
    const reached = position === undefined ? undefined : reachedIn(position);
    const skip = new Skip(this.#resend ? reached : undefined);
    let framer: Framer | undefined;
    const framerThen = (): Framer => {
      const start = reached && startAt(reached, skip.fingerprint, this.#resend);
      return new Framer({ origin: ORIGIN, maxEventBytes, buffers, ...(start && { start }) });
    };
    try {
      for await (const chunk of chunksOf(this.#stdin, stop)) {
        let bytes = skip.rest(chunk);
        if (bytes.length > 0) framer ??= framerThen();
        while (framer !== undefined && bytes.length > 0) {
          const part = bytes.subarray(0, fill(framer.space(), bytes));
          bytes = bytes.subarray(part.length);
          for (const framed of framer.filled(part.length)) yield itemOf(framed);
        }
      }
      if (stop.aborted) return;
      skip.end();
      for (const framed of framer?.end() ?? []) yield itemOf(framed);
    } finally {
      framer?.close();
    }
  }

  /** An open pipe that nobody reads would keep the process from ending. */
  close(): Promise<void> {
    this.#stdin.destroy?.();
    return Promise.resolve();
  }
}

/** What the checkpoint holds comes again, and is left out. */
class Skip {
  readonly fingerprint = new Fingerprint();
  readonly #reached: Reached | undefined;
  #leftBytes: number;

  constructor(reached: Reached | undefined) {
    this.#reached = reached;
    this.#leftBytes = reached?.offset_bytes ?? 0;
  }

  /** What of the bytes is new. Throws `stdin.other` where those before are not what was read then. */
  rest(bytes: Uint8Array): Uint8Array {
    if (this.#reached === undefined || this.#leftBytes === 0) return bytes;
    const known = bytes.subarray(0, this.#leftBytes);
    this.fingerprint.add(known);
    this.#leftBytes -= known.length;
    if (this.#leftBytes === 0 && !sameBytes(this.fingerprint, this.#reached)) throw otherFailure("differs");
    return bytes.subarray(known.length);
  }

  end(): void {
    if (this.#leftBytes > 0) throw otherFailure("ends before");
  }
}

/** Without `resend`, lines and offsets are counted on: no two events of a job have the same. */
function startAt(reached: Reached, fingerprint: Fingerprint, resend: boolean): Start {
  const place = { offsetBytes: reached.offset_bytes, line: reached.line };
  if (!resend) return { ...place, fingerprint: new Fingerprint(), begins: true };
  const continued = () => otherFailure("goes on differently from");
  return { ...place, fingerprint, ...(reached.unterminated === true && { continued }) };
}

function fill(space: Uint8Array, bytes: Uint8Array): number {
  const part = bytes.subarray(0, space.length);
  space.set(part);
  return part.length;
}

function itemOf({ content, reached }: Framed): Item {
  return { partition: ORIGIN, position: reachedJson(reached), content };
}

function otherFailure(how: string): StrmFailure {
  return new StrmFailure(
    "stdin.other",
    `What comes from stdin ${how} what the last run read, although \`resend = true\` says that it is sent again.`,
    "Send the same bytes from the start, or start over with `--from-start`.",
  );
}

/** A pipe may be silent for ever: a stop doesn't wait for its next bytes. */
async function* chunksOf(stdin: Input, stop: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  const input = stdin[Symbol.asyncIterator]();
  let onStop = (): void => {};
  const stopped = new Promise<"stopped">((resolve) => {
    onStop = () => resolve("stopped");
    stop.addEventListener("abort", onStop, { once: true });
  });
  try {
    while (!stop.aborted) {
      const next = await Promise.race([input.next(), stopped]);
      if (next === "stopped" || next.done === true) return;
      yield next.value;
    }
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
