// How a sink's files are named: where each is to appear, and under which hidden name it is written until then.
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeIfThere } from "./in-place.ts";

/** Digits of a part's number at least: enough that a week of minutes sorts by name. */
const DIGITS = 6;

/** Number 0 is the file itself, written whole; parts are numbered from 1. */
export class PartNames {
  readonly folder: string;
  readonly #stem: string;
  readonly #extension: string;
  readonly #hiddenEnd: string;

  /** `target`: the absolute path that the program names. `job`: sets the hidden names of jobs apart. */
  constructor(target: string, job: string) {
    const name = basename(target);
    // The whole of `.jsonl.gz` is the extension, and a leading dot begins none.
    const dot = name.indexOf(".", 1);
    this.folder = dirname(target);
    this.#stem = dot < 0 ? name : name.slice(0, dot);
    this.#extension = dot < 0 ? "" : name.slice(dot);
    this.#hiddenEnd = `.${job}.strm-part`;
  }

  pathOf(part: number): string {
    return join(this.folder, this.nameOf(part));
  }

  nameOf(part: number): string {
    const number = part === 0 ? "" : `-${String(part).padStart(DIGITS, "0")}`;
    return `${this.#stem}${number}${this.#extension}`;
  }

  /** Beside the file itself: a rename never crosses file systems. */
  hiddenPathOf(part: number): string {
    return join(this.folder, `.${this.nameOf(part)}${this.#hiddenEnd}`);
  }

  /** The parts that stand in the folder, whoever wrote them, in their order; without the file itself. */
  async standing(): Promise<readonly number[]> {
    return this.#numbers("", "");
  }

  /** Removes what runs of this job that were broken off were writing, but for the part that is written on. */
  async removeHidden(kept: number | undefined): Promise<void> {
    const parts = [0, ...(await this.#numbers(".", this.#hiddenEnd))];
    for (const part of parts) {
      if (part !== kept) await removeIfThere(this.hiddenPathOf(part));
    }
  }

  async #numbers(before: string, after: string): Promise<readonly number[]> {
    const [start, end] = [`${before}${this.#stem}-`, `${this.#extension}${after}`];
    return (await readdir(this.folder))
      .filter((name) => name.startsWith(start) && name.endsWith(end))
      .map((name) => name.slice(start.length, name.length - end.length))
      .filter((digits) => digits.length >= DIGITS && /^[0-9]+$/.test(digits))
      .map(Number)
      .sort((a, b) => a - b);
  }
}
