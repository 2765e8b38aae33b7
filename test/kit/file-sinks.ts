// File sinks in a folder of their own, and what a run leaves there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../dsl/spec/option-value.ts";
import type { SinkContext } from "../../runner/connectors/connector.ts";
import type { Committed, Sink } from "../../runner/connectors/delivery.ts";
import { openFileSink } from "../../runner/connectors/file/sink.ts";
import { abandon, cutOf, stored } from "../conformance/sink.ts";
import { sinkContext } from "./contexts.ts";
import { folderInMemory } from "./folder.ts";

export type FileSinkOptions = Parameters<typeof openFileSink>[0];

export class FileSinks {
  /** The pipeline's folder. */
  readonly folder = folderInMemory();
  /** Where the files come to. */
  readonly place = join(this.folder, "out");
  readonly #options: FileSinkOptions;
  readonly #context: Partial<SinkContext>;

  constructor(options: Partial<FileSinkOptions> = {}, context: Partial<SinkContext> = {}) {
    this.#options = { path: "out/safe.jsonl", compress: "none", overwrite: false, ...options };
    this.#context = context;
  }

  open(
    resume?: Json,
    more: Partial<FileSinkOptions> = {},
    context: Partial<SinkContext> = {},
  ): Promise<Sink> {
    return openFileSink(
      { ...this.#options, ...more },
      sinkContext(this.folder, { ...this.#context, ...context, ...(resume !== undefined && { resume }) }),
    );
  }

  /** A whole run, that writes each text by a call and a checkpoint of its own. Answers with its last state. */
  async run(texts: readonly string[], resume?: Json, more: Partial<FileSinkOptions> = {}): Promise<Json> {
    const sink = await this.open(resume, more);
    if (resume !== undefined) await sink.commit();
    for (const text of texts) await writeText(sink, text);
    const { state } = await checkpoint(sink, true);
    await sink.close();
    return state;
  }

  /** A run that is killed when the texts are in a checkpoint, which it did not come to commit. */
  async killed(texts: readonly string[], resume?: Json, ends = true): Promise<Json> {
    const sink = await this.open(resume);
    if (resume !== undefined) await sink.commit();
    for (const text of texts) await writeText(sink, text);
    const state = stored(await sink.prepare(cutOf(1, ends)));
    abandon(sink);
    return state;
  }

  /** What stands in the place, by name, hidden files too. */
  files(): Readonly<Record<string, string>> {
    const names = existsSync(this.place) ? readdirSync(this.place).sort() : [];
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(this.place, name), "utf8")]));
  }

  path(name: string): string {
    return join(this.place, name);
  }
}

export async function writeText(sink: Sink, text: string): Promise<void> {
  await sink.write(Buffer.from(text), text.split("\n").length - 1);
}

export async function checkpoint(sink: Sink, ends = false): Promise<{ state: Json; committed: Committed }> {
  const state = stored(await sink.prepare(cutOf(1, ends)));
  return { state, committed: await sink.commit() };
}
