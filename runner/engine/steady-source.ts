// A source that is opened anew where it stopped when its surroundings fail for a while.
import type { Backlog, Item, Position, Positions, Reached, Source } from "../connectors/delivery.ts";
import type { Patience } from "./retry.ts";

/** Opens the source where the positions say. */
export type OpenAt = (positions: Positions) => Promise<Source>;

export class SteadySource implements Source {
  readonly #openAt: OpenAt;
  readonly #patience: Patience;
  readonly #positions: Map<string, Position>;
  #source: Source | undefined;
  #behind: Backlog | undefined;
  #reached: readonly Reached[] | undefined;

  private constructor(openAt: OpenAt, start: Positions, patience: Patience) {
    this.#openAt = openAt;
    this.#positions = new Map(start);
    this.#patience = patience;
  }

  /** Throws what opening throws, when patience has ended. */
  static async open(openAt: OpenAt, start: Positions, patience: Patience): Promise<SteadySource> {
    const source = new SteadySource(openAt, start, patience);
    await source.#opened();
    return source;
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    for (;;) {
      let inLine = false;
      try {
        for await (const item of (await this.#opened()).items(stop)) {
          const { content, partition, position } = item;
          inLine = content.kind === "piece" && !content.piece.last;
          if (!inLine) this.#positions.set(partition, position);
          this.#patience.passed();
          yield item;
        }
        return;
      } catch (error) {
        // The first pieces of a long line are delivered already: it can't be read from its start again.
        if (inLine) throw error;
        await this.#patience.failed(error);
        await this.close();
      }
    }
  }

  async committed(positions: Positions): Promise<void> {
    await this.#source?.committed?.(positions);
  }

  /** While it is not open, what it said last. */
  behind(): Backlog | undefined {
    this.#behind = this.#source?.behind?.() ?? this.#behind;
    return this.#behind;
  }

  /** As `behind`. */
  reached(): readonly Reached[] | undefined {
    this.#reached = this.#source?.reached?.() ?? this.#reached;
    return this.#reached;
  }

  async close(): Promise<void> {
    this.behind();
    this.reached();
    const source = this.#source;
    this.#source = undefined;
    await source?.close();
  }

  async #opened(): Promise<Source> {
    while (this.#source === undefined) {
      try {
        this.#source = await this.#openAt(this.#positions);
      } catch (error) {
        await this.#patience.failed(error);
      }
    }
    return this.#source;
  }
}
