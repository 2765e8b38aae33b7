// Reads files one after another, each from where the last run left it.
import { stat } from "node:fs/promises";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import type { SourceContext } from "../connector.ts";
import type { Backlog, Item, Source } from "../delivery.ts";
import { fileFormatNames } from "../reading/origin.ts";
import { openReader, type Reader, type ReadingOptions } from "../reading/reader.ts";
import { fileIn } from "./file-origin.ts";
import { FollowedFiles } from "./follow.ts";
import { findAll } from "./paths.ts";
import type { fileSpec } from "./spec.ts";
import { checkReadable, nothingFound } from "./try-files.ts";

type Options = OptionsOf<typeof fileSpec.source.options>;

/** Throws `file.avro` or `file.csv` where such files are to be followed, and `file.not-found` where a path matches nothing, unless it is followed: then the file may still come. */
export async function openFileSource(options: Options, context: SourceContext): Promise<Source> {
  const patterns = typeof options.path === "string" ? [options.path] : options.path;
  const paths = await findAll(context.baseDir, patterns, (pattern) => {
    const failure = nothingFound(context.step, pattern, context.baseDir);
    if (!options.follow) throw failure;
    context.warn(failure.message, "It waits for one to come.");
  });
  const { format } = context;
  if (options.follow && format !== "json") {
    throw new StrmFailure(
      `file.${format}`,
      `Source \`${context.step}\` can't follow ${fileFormatNames[format]}: such files are written whole.`,
      "Leave out `follow`, and run again when there are new files; or follow files of JSON lines.",
    );
  }
  for (const path of paths) await checkReadable(path);
  return options.follow ? new FollowedFiles(patterns, context) : new WholeFiles(paths, options, context);
}

class WholeFiles implements Source {
  readonly #paths: readonly string[];
  readonly #reading: ReadingOptions;
  readonly #context: SourceContext;
  #reader: Reader | undefined;
  /** Of the file that is read and of those behind it, as they were when reading began. */
  #sizesBytes: readonly number[] = [];

  constructor(paths: readonly string[], reading: ReadingOptions, context: SourceContext) {
    this.#paths = paths;
    this.#reading = reading;
    this.#context = context;
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const { baseDir, resume } = this.#context;
    // One that has gone meanwhile is told of when its turn comes.
    const sizes = this.#paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    const sizesBytes = await Promise.all(sizes);
    for (const [i, path] of this.#paths.entries()) {
      if (stop.aborted) return;
      this.#sizesBytes = sizesBytes.slice(i);
      const origin = fileIn(baseDir, path);
      const reader = await openReader(origin, this.#context, this.#reading, resume.get(origin.name));
      if (reader === undefined) throw origin.changed("was replaced or cut short");
      this.#reader = reader;
      yield* reader.items(stop);
      if (reader.contents.truncated) throw origin.changed("was truncated while it was read");
      if (!stop.aborted) yield* reader.end();
      await this.close();
    }
    this.#sizesBytes = [];
  }

  behind(): Backlog {
    const all = this.#sizesBytes.reduce((sum, size) => sum + size, 0);
    return { count: Math.max(0, all - (this.#reader?.contents.takenBytes ?? 0)), unit: "bytes" };
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }
}
