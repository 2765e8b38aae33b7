// Reads one Avro object container from where a checkpoint left it, with the next block on its way while the last one is worked on.
import type { Json } from "../../../dsl/spec/option-value.ts";
import {
  type Block,
  type BlockPlace,
  type Blocks,
  blocksFrom,
  readHeader,
} from "../../formats/avro/container/blocks.ts";
import { Datums } from "../../formats/avro/container/datums.ts";
import type { Header } from "../../formats/avro/container/header.ts";
import { readSchema } from "../../formats/avro/read-schema.ts";
import { resolver } from "../../formats/avro/resolve.ts";
import { Fields } from "../../formats/fields.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Position } from "../delivery.ts";
import { digestsIn } from "../position.ts";
import type { Contents } from "./contents.ts";
import { containerFailure, type Origin } from "./origin.ts";
import type { Reader } from "./reader.ts";

/** Between two datums. */
interface Standing {
  /** Of the block at hand, or of the next one. */
  readonly place: BlockPlace;
  /** Datums of that block that were given out. */
  readonly skip: number;
  /** The running number of the next datum in the file. */
  readonly record: number;
}

export class AvroReader implements Reader {
  readonly contents: Contents;
  readonly #origin: Origin;
  readonly #blocks: Blocks;
  readonly #datums: Datums;
  #standing: Standing;
  /** A read may still be under way when somebody stops. */
  #ahead: Promise<Block | undefined> | undefined;

  private constructor(
    origin: Origin,
    context: SourceContext,
    contents: Contents,
    opened: { readonly header: Header; readonly blocks: Blocks; readonly standing: Standing },
  ) {
    const { schema, maxEventBytes, buffers } = context;
    if (schema === undefined) throw new Error("a source of Avro has no schema");
    const writer = opened.header.schema;
    this.#origin = origin;
    this.contents = contents;
    this.#blocks = opened.blocks;
    this.#standing = opened.standing;
    this.#datums = new Datums({
      writer,
      resolve: resolver(writer, readSchema(schema).type, maxEventBytes),
      origin: origin.name,
      maxEventBytes,
      buffers,
    });
  }

  /** See `openReader`. */
  static async open(
    origin: Origin,
    context: SourceContext,
    resume?: Position,
  ): Promise<AvroReader | undefined> {
    const contents = await origin.open();
    try {
      const opened = resume === undefined ? await begun(contents) : await resumed(origin, contents, resume);
      if (opened !== undefined) return new AvroReader(origin, context, contents, opened);
    } catch (error) {
      await contents.close();
      throw containerFailure(error, origin);
    }
    await contents.close();
    return undefined;
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    while (!stop.aborted) {
      const block = await (this.#ahead ?? this.#next());
      this.#ahead = undefined;
      if (block === undefined) return;
      this.#ahead = this.#next();
      // It is awaited when its turn comes, or at the end.
      this.#ahead.catch(() => {});
      for (const item of this.#itemsOf(block)) {
        yield item;
        const inside = item.content.kind === "piece" && !item.content.piece.last;
        if (stop.aborted && !inside) return;
      }
    }
  }

  /** A container ends with a block. */
  *end(): Generator<Item, void, void> {}

  async close(): Promise<void> {
    await this.#ahead?.catch(() => {});
    this.#ahead = undefined;
    await this.contents.close();
  }

  async #next(): Promise<Block | undefined> {
    try {
      return await this.#blocks.next();
    } catch (error) {
      // What was cut while it was read ends where it ends: whoever reads it looks.
      if (this.contents.truncated) return undefined;
      throw containerFailure(error, this.#origin);
    }
  }

  *#itemsOf({ bytes, count, from, to }: Block): Generator<Item, void, void> {
    const { skip, record } = this.#standing;
    const first = record - skip;
    try {
      for (const { content, taken } of this.#datums.of(bytes, count, first, skip)) {
        const done = taken === count;
        this.#standing = { place: done ? to : from, skip: done ? 0 : taken, record: first + taken };
        yield { partition: this.#origin.name, position: this.#position(), content };
      }
    } catch (error) {
      throw containerFailure(error, this.#origin);
    }
  }

  #position(): Position {
    const { place, skip, record } = this.#standing;
    return { identity: this.contents.identity, ...placeJson(place), skip, record };
  }
}

async function begun(contents: Contents) {
  const { header, blocks } = await readHeader((space) => contents.read(space));
  return { header, blocks, standing: { place: blocks.place, skip: 0, record: 0 } };
}

async function resumed(origin: Origin, contents: Contents, resume: Position) {
  const fields = new Fields(resume);
  const place = { offset_bytes: fields.number("offset_bytes"), ...digestsIn(fields) };
  const fingerprint = await contents.seek(place);
  if (fingerprint === undefined) return undefined;
  const header = await headerOf(origin);
  const blocks = blocksFrom((space) => contents.read(space), header, place.offset_bytes, fingerprint);
  const standing = { place, skip: fields.number("skip"), record: fields.number("record") };
  return { header, blocks, standing };
}

/** Of a container that is read from a later place. */
async function headerOf(origin: Origin): Promise<Header> {
  const contents = await origin.open();
  try {
    return (await readHeader((space) => contents.read(space))).header;
  } finally {
    await contents.close();
  }
}

function placeJson({ offset_bytes, head, tail }: BlockPlace): { readonly [key: string]: Json } {
  return { offset_bytes, head: { ...head }, tail: { ...tail } };
}
