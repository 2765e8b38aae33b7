// The objects that a sink is writing: one a folder, each a file in the spool.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { changedFailure, codeOf, fileFailure } from "../file/failures.ts";
import { removeIfThere, syncFolder } from "../file/in-place.ts";
import { standingAt } from "../file/standing.ts";
import type { Form } from "../writing/form.ts";
import { Part } from "../writing/part.ts";
import { Places } from "./places.ts";
import type { EventRun } from "./splitter.ts";
import type { ObjectHead, OpenState, SpoolState } from "./spooled.ts";
import type { Uploaded } from "./uploads.ts";

/** Each holds a file open, and up to a block of events in memory. */
const OPEN_AT_MOST = 64;

/**
 * Events as they come: what objects are made of derives from them alone, not from where checkpoints cut. Some are gathered before they are written,
 * since those of several folders may alternate.
 */
const plain: Form = {
  syncBytes: 0,
  frameBytes: 65_536,
  header: () => new Uint8Array(0),
  packsHeader: false,
  gathers: true,
};

export interface OpenObject {
  readonly head: ObjectHead;
  readonly part: Part;
  /** Its last cut. */
  last?: { readonly contentBytes: number; readonly events: number; readonly state: OpenState };
}

export class Spool {
  readonly #folder: string;
  /** By folder; the one that was written last stands last. */
  readonly #open = new Map<string, OpenObject>();
  #last = 0;
  /** A file was made since its folder was synced. */
  #unnamed = false;

  /** `folder`: absolute, of this sink alone. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Number of the last file. */
  get last(): number {
    return this.#last;
  }

  get open(): Iterable<OpenObject> {
    return this.#open.values();
  }

  pathOf(number: number): string {
    return join(this.#folder, `${number}.part`);
  }

  /** Where an object is packed before it is uploaded. */
  packedPathOf(number: number): string {
    return join(this.#folder, `${number}.packed`);
  }

  /** Stands in the place of both when the bucket has the object. */
  #donePathOf(number: number): string {
    return join(this.#folder, `${number}.done`);
  }

  /** Cuts the files back to a checkpoint, removes all others, and tells which complete objects are done. Throws `file.changed` where one is gone or too short. */
  async begin({ last, open: begun, complete }: SpoolState): Promise<readonly Uploaded[]> {
    this.#last = last;
    await makeFolder(this.#folder);
    for (const { head, part: state } of begun) {
      const path = this.pathOf(state.part);
      const part = await Part.goOn({ path, form: plain, secret: true }, state);
      if (part === undefined) throw changedFailure(path, "was removed or cut short");
      this.#open.set(head.folder, { head, part });
    }
    const done: Uploaded[] = [];
    for (const object of complete) {
      const { part, size_bytes } = object.part;
      const mark = await readFile(this.#donePathOf(part), "utf8").catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
      if (mark !== undefined) done.push({ object, sizeBytes: Number(mark) });
      else if ((await standingAt(this.pathOf(part)))?.sizeBytes !== size_bytes) {
        throw changedFailure(this.pathOf(part), "was removed or changed");
      }
    }
    await this.removeAllBut([...begun, ...complete].map(({ part }) => part.part));
    return done;
  }

  of(folder: string): OpenObject | undefined {
    return this.#open.get(folder);
  }

  /** Adds events to the object of their folder, which is begun where there is none. After a failure none of them is taken. */
  async add({ folder, timeMs, place, whole, events }: EventRun, bytes: Uint8Array): Promise<void> {
    let object = this.#open.get(folder);
    if (object === undefined) {
      const path = this.pathOf(this.#last + 1);
      const part = await Part.begin({ path, form: plain, secret: true }, this.#last + 1);
      this.#last++;
      this.#unnamed = true;
      const mark = whole ? digestOf(firstLine(bytes)) : "";
      object = { head: { folder, timeMs, places: new Places(), mark }, part };
    }
    this.#open.delete(folder);
    this.#open.set(folder, object);
    await object.part.add(bytes, events);
    if (place !== undefined) object.head.places.note(place.origin, place.first);
  }

  /** Takes an object out, to be completed. */
  release(folder: string): OpenObject | undefined {
    const object = this.#open.get(folder);
    this.#open.delete(folder);
    return object;
  }

  /** The folder of the object that was written on longest ago, where a new one would be too many. */
  get crowded(): string | undefined {
    return this.#open.size < OPEN_AT_MOST ? undefined : this.#open.keys().next().value;
  }

  /** What was added before this call is durable when it resolves, and so are the names of all files. Objects to which nothing was added are taken as they were. */
  async cut(): Promise<readonly OpenState[]> {
    const unnamed = this.#unnamed;
    this.#unnamed = false;
    const cutting = [...this.#open.values()].map(async (object) => {
      const { head, part, last } = object;
      if (last?.contentBytes === part.contentBytes && last.events === part.events) return last.state;
      const { contentBytes, events } = part;
      const places = head.places.copy();
      const state = { head: { ...head, places }, part: await part.cut() };
      object.last = { contentBytes, events, state };
      return state;
    });
    try {
      const states = await Promise.all(cutting);
      if (unnamed) await syncFolder(this.#folder);
      return states;
    } catch (error) {
      this.#unnamed = true;
      await Promise.allSettled(cutting);
      throw error;
    }
  }

  /** Leaves a mark for an object that the bucket has, so that a run which goes on from the same checkpoint knows it. */
  async markDone({ object, sizeBytes }: Uploaded): Promise<void> {
    const { part } = object.part;
    const path = this.#donePathOf(part);
    try {
      // Whole or not at all, and before what it stands for goes.
      await writeFile(`${path}.new`, String(sizeBytes), { flush: true });
      await rename(`${path}.new`, path);
      await syncFolder(this.#folder);
      for (const path of [this.pathOf(part), this.packedPathOf(part)]) await removeIfThere(path);
    } catch (error) {
      throw fileFailure(error, path, "write");
    }
  }

  async remove(number: number): Promise<void> {
    const done = this.#donePathOf(number);
    for (const path of [this.pathOf(number), this.packedPathOf(number), done, `${done}.new`]) {
      await removeIfThere(path).catch((error) => {
        throw fileFailure(error, path, "remove");
      });
    }
  }

  /** Not while anything is written. */
  async removeAllBut(kept: readonly number[]): Promise<void> {
    try {
      for (const name of await readdir(this.#folder)) {
        const number = /^(\d+)\.\w+/.exec(name)?.[1];
        if (number !== undefined && !kept.includes(Number(number))) await this.remove(Number(number));
      }
    } catch (error) {
      throw fileFailure(error, this.#folder, "tidy up");
    }
  }

  /** Never throws. */
  async close(): Promise<void> {
    for (const { part } of this.#open.values()) await part.close().catch(() => {});
    this.#open.clear();
  }
}

/** Readable by its owner alone; durable as the files in it are. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

function firstLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0x0a);
  return bytes.subarray(0, end < 0 ? bytes.length : end);
}

/** A digest, since a row of keys holds a key: states and names must not. */
function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
