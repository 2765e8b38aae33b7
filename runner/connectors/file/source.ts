// Reads files from their start, one after another, with the next chunk on its way while the last one is worked on.
import { open, stat } from "node:fs/promises";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import type { Chunk, Source, SourceContext } from "../connector.ts";
import { fileFailure, notAFile } from "./failures.ts";
import { FollowedFiles } from "./follow.ts";
import { CHUNK_BYTES, findAll, originOf } from "./paths.ts";
import type { fileSpec } from "./spec.ts";

type Options = OptionsOf<typeof fileSpec.source.options>;

/** Throws `file.not-found` where a path matches nothing, unless it is followed: then the file may still come. */
export async function openFileSource(options: Options, context: SourceContext): Promise<Source> {
  const patterns = typeof options.path === "string" ? [options.path] : options.path;
  const paths = await findAll(context.baseDir, patterns, (pattern) => {
    const message = `Source \`${context.step}\` finds no file at \`${pattern}\`.`;
    if (!options.follow) {
      throw new StrmFailure(
        "file.not-found",
        message,
        `Correct \`path\`. Relative paths start at ${context.baseDir}.`,
      );
    }
    context.warn(message, "It waits for one to come.");
  });
  for (const path of paths) await checkReadable(path);
  if (options.follow) return new FollowedFiles(patterns, context);
  return {
    chunks: (stop) => readAll(paths, context.baseDir, stop),
    close: () => Promise.resolve(),
  };
}

/** Fails before the first event is read rather than at the hundredth file. */
async function checkReadable(path: string): Promise<void> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw notAFile(path, "it is a folder");
    // Opening a pipe would wait for its writer.
    if (status.isFile()) await (await open(path, "r")).close();
  } catch (error) {
    throw fileFailure(error, path, "read");
  }
}

async function* readAll(
  paths: readonly string[],
  baseDir: string,
  stop: AbortSignal,
): AsyncGenerator<Chunk, void, void> {
  const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const;
  for (const path of paths) {
    if (stop.aborted) return;
    try {
      yield* readOne(path, originOf(path, baseDir), buffers, stop);
    } catch (error) {
      throw fileFailure(error, path, "read");
    }
  }
}

async function* readOne(
  path: string,
  origin: string,
  buffers: readonly [Buffer, Buffer],
  stop: AbortSignal,
): AsyncGenerator<Chunk, void, void> {
  const handle = await open(path, "r");
  // The read on its way must have ended before the handle closes and its buffer is used again.
  let ahead: Promise<number> | undefined;
  const readInto = (buffer: Buffer): Promise<number> => {
    const reading = handle.read(buffer, 0, buffer.length, null).then((result) => result.bytesRead);
    reading.catch(() => {});
    return reading;
  };
  try {
    let [current, next] = buffers;
    ahead = readInto(current);
    let offsetBytes = 0;
    while (!stop.aborted) {
      const sizeBytes = await ahead;
      if (sizeBytes === 0) {
        yield { bytes: current.subarray(0, 0), origin, offsetBytes, last: true };
        return;
      }
      ahead = readInto(next);
      yield { bytes: current.subarray(0, sizeBytes), origin, offsetBytes, last: false };
      offsetBytes += sizeBytes;
      [current, next] = [next, current];
    }
  } finally {
    await ahead?.catch(() => {});
    await handle.close();
  }
}
