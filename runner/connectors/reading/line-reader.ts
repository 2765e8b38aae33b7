// Reads the lines of one origin from where a checkpoint left it to its present end.
import { Framer } from "../../formats/lines.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Position } from "../delivery.ts";
import { reachedIn } from "../position.ts";
import { continuedIn, FramedReader } from "./framed-reader.ts";
import { moveTo } from "./move-to.ts";
import type { Origin } from "./origin.ts";

export class LineReader<O extends Origin = Origin> extends FramedReader<O, Framer> {
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
          ...(reached.unterminated === true && { continued: () => origin.changed(continuedIn("line")) }),
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
    return this.positionOf(this.framer.reached);
  }

  /** Nothing but where reading goes on. */
  whereItIs(): Item {
    return moveTo(this.origin.name, this.position);
  }

  /** Holds as little as it can while there is nothing to read. */
  rest(): void {
    if (this.ahead === undefined) this.framer.rest();
  }
}
