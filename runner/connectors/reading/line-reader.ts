// Reads the lines of one origin from where a checkpoint left it to its present end, with the next bytes on their way while the last ones are worked on.
import { type Framed, Framer, type Reached } from "../../formats/lines.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Position } from "../delivery.ts";
import { reachedIn, reachedJson } from "../position.ts";
import type { Contents } from "./contents.ts";
import { moveTo } from "./move-to.ts";
import type { Origin } from "./origin.ts";
import type { Reader } from "./reader.ts";

export class LineReader<O extends Origin = Origin> implements Reader {
  readonly origin: O;
  readonly contents: Contents;
  readonly #framer: Framer;
  /** What was read and not framed yet: a read may still be under way when somebody stops. */
  #ahead: Promise<number> | undefined;

  private constructor(origin: O, contents: Contents, framer: Framer) {
    this.origin = origin;
    this.contents = contents;
    this.#framer = framer;
  }

  /** See `openReader`. */
  static async open<O extends Origin>(
    origin: O,
    context: SourceContext,
    resume?: Position,
  ): Promise<LineReader<O> | undefined> {
    const contents = await origin.open();
    try {
      const { maxEventBytes, buffers } = context;
      const options = { origin: origin.name, maxEventBytes, buffers };
      const reached = resume === undefined ? undefined : reachedIn(resume);
      if (reached === undefined) return new LineReader(origin, contents, new Framer(options));
      const fingerprint = await contents.seek(reached);
      if (fingerprint !== undefined) {
        const start = {
          offsetBytes: reached.offset_bytes,
          line: reached.line,
          fingerprint,
          begins: reached.offset_bytes === 0,
          ...(reached.unterminated === true && { continued: () => origin.changed(CONTINUED) }),
        };
        return new LineReader(origin, contents, new Framer({ ...options, start }));
      }
    } catch (error) {
      await contents.close();
      throw error;
    }
    await contents.close();
    return undefined;
  }

  /** How far whole lines were given out. */
  get position(): Position {
    return this.#positionOf(this.#framer.reached);
  }

  /** Nothing but where reading goes on. */
  whereItIs(): Item {
    return moveTo(this.origin.name, this.position);
  }

  /** To the present end; may be called again. */
  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    while (!stop.aborted) {
      const sizeBytes = await (this.#ahead ?? this.#read());
      this.#ahead = undefined;
      if (sizeBytes === 0) return;
      const framed = this.#framer.filled(sizeBytes);
      this.#ahead = this.#read();
      // It is awaited when its turn comes, or at the end.
      this.#ahead.catch(() => {});
      for (const one of framed) yield this.#item(one);
    }
  }

  /** The last line, which needs no line end: nothing more will be read. */
  *end(): Generator<Item, void, void> {
    for (const one of this.#framer.end()) yield this.#item(one);
  }

  /** Holds as little as it can while there is nothing to read. */
  rest(): void {
    if (this.#ahead === undefined) this.#framer.rest();
  }

  async close(): Promise<void> {
    await this.#ahead?.catch(() => {});
    this.#ahead = undefined;
    this.#framer.close();
    await this.contents.close();
  }

  #read(): Promise<number> {
    return this.contents.read(this.#framer.space());
  }

  #item({ content, reached }: Framed): Item {
    return { partition: this.origin.name, position: this.#positionOf(reached), content };
  }

  #positionOf(reached: Reached): Position {
    return { identity: this.contents.identity, ...reachedJson(reached) };
  }
}

const CONTINUED = "was continued in its last line, which had no line end and was taken as it was";
