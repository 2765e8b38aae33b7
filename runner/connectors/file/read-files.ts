// How far files were read, by path and by inode: a file that was renamed is known again.
import { Fields } from "../../formats/fields.ts";
import type { Position } from "../delivery.ts";
import { stemOf } from "./rotation.ts";

export class ReadFiles {
  readonly #byPath = new Map<string, Position>();
  readonly #byInode = new Map<string, Position>();
  /** Paths by what they were before rotation. */
  readonly #byStem = new Map<string, Set<string>>();

  /** By path, as a checkpoint has them. */
  constructor(positions: readonly (readonly [string, Position])[]) {
    for (const [, position] of positions) {
      const known = this.#byInode.get(inodeIn(position));
      // A file may have borne two names since: where it was read further is where it was read last.
      if (known === undefined || offsetIn(known) < offsetIn(position))
        this.#byInode.set(inodeIn(position), position);
    }
    for (const [path, position] of positions)
      this.note(path, this.#byInode.get(inodeIn(position)) ?? position);
  }

  /** Of the file that was read for `path` last. */
  at(path: string): Position | undefined {
    return this.#byPath.get(path);
  }

  of(inode: string): Position | undefined {
    return this.#byInode.get(inode);
  }

  /** The paths from which rotation or packing may have made `path`. */
  kinOf(path: string): Iterable<string> {
    return this.#byStem.get(stemOf(path)) ?? [];
  }

  /** False where the file that was read for `path` before tells more: nothing was read of this one, and what was packed is known by its content alone. */
  note(path: string, position: Position): boolean {
    this.#byInode.set(inodeIn(position), position);
    if (offsetIn(position) === 0 && this.#byPath.has(path)) return false;
    this.#byPath.set(path, position);
    const stem = stemOf(path);
    this.#byStem.set(stem, (this.#byStem.get(stem) ?? new Set()).add(path));
    return true;
  }
}

export function inodeIn(position: Position): string {
  return new Fields(position).text("identity");
}

export function offsetIn(position: Position): number {
  return new Fields(position).number("offset_bytes");
}
