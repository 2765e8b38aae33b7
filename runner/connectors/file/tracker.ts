// Finds a file again by what was read of it, whatever name it has by now.
import { StrmFailure, TransientFailure } from "../../failure.ts";
import type { SourceContext } from "../connector.ts";
import type { Position } from "../delivery.ts";
import { LineReader } from "../reading/line-reader.ts";
import { codeOf } from "./failures.ts";
import { type FileOrigin, fileOrigin } from "./file-origin.ts";
import { originOf } from "./paths.ts";
import { inodeIn, offsetIn } from "./read-files.ts";
import { kinOf, MOST_VIEWS, sameNames } from "./rotation.ts";
import { type Standing, standingAt } from "./standing.ts";

export class Tracker {
  readonly #context: SourceContext;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /**
   * Where the file stands that was read for `path` to `position`: by its inode, among `others` too; where that is no more, by its content,
   * since it may have been copied or packed.
   */
  async find(path: string, position: Position, others: ReadonlySet<string>): Promise<Standing | undefined> {
    const here = await standingAt(path);
    if (here !== undefined && (await this.#isSame(here, position))) return here;
    for (let views = 0; views < MOST_VIEWS; views++) {
      const kin = await kinOf(path);
      const found = await this.#among(kin, others, position);
      // It may have been renamed while it was looked for.
      if (found !== undefined || sameNames(kin, await kinOf(path))) return found;
    }
    return undefined;
  }

  async #among(
    kin: readonly Standing[],
    others: ReadonlySet<string>,
    position: Position,
  ): Promise<Standing | undefined> {
    for (const one of kin) if (await this.#isSame(one, position)) return one;
    for (const other of others) {
      const one = await standingAt(other);
      if (one !== undefined && (await this.#isSame(one, position))) return one;
    }
    // Nothing tells nothing.
    if (offsetIn(position) === 0) return undefined;
    for (const one of kin) if (await this.holds(one, position)) return one;
    return undefined;
  }

  /** True where the file begins with what was read up to there. What can't be read doesn't. */
  async holds(standing: Standing, position: Position): Promise<boolean> {
    try {
      const reader = await this.open(standing.path, standing, position);
      await reader?.close();
      return reader !== undefined;
    } catch (error) {
      if (error instanceof StrmFailure && !(error instanceof TransientFailure)) return false;
      throw error;
    }
  }

  /** Reads the file for `path`. Undefined where another stands there by now, or it is not the one that `position` is of. */
  async open(
    path: string,
    { path: at, inode }: Standing,
    position?: Position,
  ): Promise<LineReader<FileOrigin> | undefined> {
    try {
      const origin = originOf(path, this.#context.baseDir);
      const reader = await LineReader.open(fileOrigin(at, origin), this.#context, position);
      if (reader === undefined || reader.contents.identity === inode) return reader;
      await reader.close();
      return undefined;
    } catch (error) {
      if (error instanceof Error && codeOf(error.cause) === "ENOENT") return undefined;
      throw error;
    }
  }

  async #isSame(standing: Standing, position: Position): Promise<boolean> {
    return standing.inode === inodeIn(position) && (await this.holds(standing, position));
  }
}
