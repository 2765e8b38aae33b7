// Reads one origin through a framer, with the next bytes on their way while the last ones are worked on.
import type { Framed, Reached } from "../../formats/lines.ts";
import type { Item, Position } from "../delivery.ts";
import { reachedJson } from "../position.ts";
import type { Contents } from "./contents.ts";
import type { Origin } from "./origin.ts";
import type { Reader } from "./reader.ts";

/** Makes items of bytes, however they come. */
export interface ByteFramer {
  /** Room to read into. */
  space(): Uint8Array;
  /** `sizeBytes` were read into what `space()` gave last. */
  filled(sizeBytes: number): readonly Framed[];
  /** No more bytes come. */
  end(): readonly Framed[];
  close(): void;
}

export class FramedReader<O extends Origin, F extends ByteFramer> implements Reader {
  readonly origin: O;
  readonly contents: Contents;
  protected readonly framer: F;
  /** What was read and not framed yet: a read may still be under way when somebody stops. */
  protected ahead: Promise<number> | undefined;

  protected constructor(origin: O, contents: Contents, framer: F) {
    this.origin = origin;
    this.contents = contents;
    this.framer = framer;
  }

  /** To the present end; may be called again. */
  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    while (!stop.aborted) {
      const sizeBytes = await (this.ahead ?? this.#read());
      this.ahead = undefined;
      if (sizeBytes === 0) return;
      const framed = this.framed(() => this.framer.filled(sizeBytes));
      this.ahead = this.#read();
      // It is awaited when its turn comes, or at the end.
      this.ahead.catch(() => {});
      for (const one of framed) yield this.#item(one);
    }
  }

  /** What needs no end of its own: nothing more will be read. */
  *end(): Generator<Item, void, void> {
    for (const one of this.framed(() => this.framer.end())) yield this.#item(one);
  }

  async close(): Promise<void> {
    await this.ahead?.catch(() => {});
    this.ahead = undefined;
    this.framer.close();
    await this.contents.close();
  }

  /** Calls the framer. */
  protected framed(frame: () => readonly Framed[]): readonly Framed[] {
    return frame();
  }

  protected positionOf(reached: Reached): Position {
    return { identity: this.contents.identity, ...reachedJson(reached) };
  }

  async #read(): Promise<number> {
    return this.contents.read(this.framer.space());
  }

  #item({ content, reached }: Framed): Item {
    return { partition: this.origin.name, position: this.positionOf(reached), content };
  }
}

/** Completes "FILE …", where an origin goes on in what was taken as its end. `what`: `line`. */
export function continuedIn(what: "line" | "row"): string {
  return `was continued in its last ${what}, which had no line end and was taken as it was`;
}
