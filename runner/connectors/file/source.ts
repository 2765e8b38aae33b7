// Reads files one after another, each from where the last run left it.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Source } from "../delivery.ts";
import { openReader, type Reader } from "../reading/reader.ts";
import { fileIn } from "./file-origin.ts";
import { FollowedFiles } from "./follow.ts";
import { findAll } from "./paths.ts";
import type { fileSpec } from "./spec.ts";
import { checkReadable, nothingFound } from "./try-files.ts";

type Options = OptionsOf<typeof fileSpec.source.options>;

/** Throws `file.avro` where Avro is to be followed, and `file.not-found` where a path matches nothing, unless it is followed: then the file may still come. */
export async function openFileSource(options: Options, context: SourceContext): Promise<Source> {
  const patterns = typeof options.path === "string" ? [options.path] : options.path;
  const paths = await findAll(context.baseDir, patterns, (pattern) => {
    const failure = nothingFound(context.step, pattern, context.baseDir);
    if (!options.follow) throw failure;
    context.warn(failure.message, "It waits for one to come.");
  });
  if (options.follow && context.format === "avro") {
    throw new StrmFailure(
      "file.avro",
      `Source \`${context.step}\` can't follow an Avro file: such files are written whole.`,
      "Leave out `follow`, and run again when there are new files; or follow files of JSON lines.",
    );
  }
  for (const path of paths) await checkReadable(path);
  return options.follow ? new FollowedFiles(patterns, context) : new WholeFiles(paths, context);
}

class WholeFiles implements Source {
  readonly #paths: readonly string[];
  readonly #context: SourceContext;
  #reader: Reader | undefined;

  constructor(paths: readonly string[], context: SourceContext) {
    this.#paths = paths;
    this.#context = context;
  }

  async *items(stop: AbortSignal): AsyncGenerator<Item, void, void> {
    const { baseDir, resume } = this.#context;
    for (const path of this.#paths) {
      if (stop.aborted) return;
      const origin = fileIn(baseDir, path);
      const reader = await openReader(origin, this.#context, resume.get(origin.name));
      if (reader === undefined) throw origin.changed("was replaced or cut short");
      this.#reader = reader;
      yield* reader.items(stop);
      if (reader.contents.truncated) throw origin.changed("was truncated while it was read");
      if (!stop.aborted) yield* reader.end();
      await this.close();
    }
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }
}
