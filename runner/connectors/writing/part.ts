// One file under its hidden name, from its first byte to where it is complete: written, cut, and made durable.
import { randomBytes } from "node:crypto";
import { chmod, copyFile, type FileHandle, open } from "node:fs/promises";
import type { Fields } from "../../formats/fields.ts";
import { OneByOne } from "../../one-by-one.ts";
import { codeOf } from "../file/failures.ts";
import { type Identity, identityOf } from "../file/written.ts";
import type { Form } from "./form.ts";
import { type Frame, FrameBuffer } from "./frames.ts";

/** A part as a checkpoint keeps it. */
export interface PartState {
  readonly part: number;
  /** Bytes in the file, as they are compressed. */
  readonly size_bytes: number;
  /** Before compression. */
  readonly content_bytes: number;
  readonly events: number;
  /** Those of the events that stood in a file which this one goes on with, and were visible there. */
  readonly shown: number;
  /** When its first event came; 0: none has come. */
  readonly begun_ms: number;
  /** What the file has for itself, in hex; empty where that is nothing. */
  readonly sync: string;
}

/** A part that is complete. */
export interface FinishedPart extends PartState {
  /** What tells later whether it was touched since. */
  readonly identity: Identity;
}

export interface PartOptions {
  /** Absolute. */
  readonly path: string;
  readonly form: Form;
  /** Readable by its owner alone. */
  readonly secret: boolean;
}

/** As states keep them. */
export function finishedIn(fields: Fields): FinishedPart {
  return { ...partIn(fields), identity: fields.text("identity") };
}

export function partIn(fields: Fields): PartState {
  return {
    part: fields.number("part"),
    size_bytes: fields.number("size_bytes"),
    content_bytes: fields.number("content_bytes"),
    events: fields.number("events"),
    shown: fields.number("shown"),
    begun_ms: fields.number("begun_ms"),
    sync: fields.text("sync"),
  };
}

const NOTHING: Frame = { bytes: new Uint8Array(0), events: 0 };

export class Part {
  readonly number: number;
  readonly #handle: FileHandle;
  readonly #form: Form;
  readonly #sync: Buffer;
  readonly #buffer: FrameBuffer;
  /** Frames that are on their way to the file, in order; one that failed stays and is tried again. */
  readonly #frames: Frame[] = [];
  readonly #turns = new OneByOne();
  #sizeBytes: number;
  #contentBytes: number;
  #events: number;
  readonly #shown: number;
  #begunMs: number;
  #endedFrames = 0;
  #writtenFrames = 0;
  #finished: Promise<FinishedPart> | undefined;
  #open = true;

  private constructor(handle: FileHandle, form: Form, state: PartState) {
    this.#handle = handle;
    this.#form = form;
    this.#sync = Buffer.from(state.sync, "hex");
    this.#buffer = new FrameBuffer(form.frameBytes);
    this.number = state.part;
    this.#sizeBytes = state.size_bytes;
    this.#contentBytes = state.content_bytes;
    this.#events = state.events;
    this.#shown = state.shown;
    this.#begunMs = state.begun_ms;
  }

  /** Makes the file, or empties one that a run left. */
  static async begin(options: PartOptions, part: number): Promise<Part> {
    const sync = randomBytes(options.form.syncBytes).toString("hex");
    const state = { part, size_bytes: 0, content_bytes: 0, events: 0, shown: 0, begun_ms: 0, sync };
    const begun = await Part.#opened(options, "w", state);
    try {
      await begun.#addHeader();
      return begun;
    } catch (error) {
      await begun.close();
      throw error;
    }
  }

  /** Goes on with a file that a checkpoint holds: what came after it is cut off. Undefined where the file is gone or too short. */
  static async goOn(options: PartOptions, state: PartState): Promise<Part | undefined> {
    const part = await Part.#opened(options, "r+", state).catch((error) => {
      if (codeOf(error) !== "ENOENT") throw error;
    });
    if (part === undefined) return undefined;
    const { size } = await part.#handle.stat();
    if (size >= state.size_bytes) {
      await part.#handle.truncate(state.size_bytes);
      return part;
    }
    await part.close();
    return undefined;
  }

  /** Goes on with a copy of a file that is complete and visible already. */
  static async copyOf(visible: string, options: PartOptions, state: PartState): Promise<Part | undefined> {
    await copyFile(visible, options.path);
    return Part.goOn(options, state);
  }

  static async #opened(options: PartOptions, flags: "w" | "r+", state: PartState): Promise<Part> {
    const handle = await open(options.path, flags, options.secret ? 0o600 : 0o666);
    try {
      // A umask may have taken even the owner's rights, or a mode may be refused by the file system: say it now.
      if (options.secret) await chmod(options.path, 0o600);
      return new Part(handle, options.form, state);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get contentBytes(): number {
    return this.#contentBytes;
  }

  get events(): number {
    return this.#events;
  }

  /** When its first event came; 0: none has come. */
  get begunMs(): number {
    return this.#begunMs;
  }

  /** After a failure it may be called again with the same bytes: none of them has been taken. */
  async add(bytes: Uint8Array, events: number): Promise<void> {
    const { pack, gathers, frameBytes } = this.#form;
    if (pack === undefined && (gathers !== true || bytes.length >= frameBytes)) {
      this.#endFrame();
      await this.#drain();
      await this.#turns.run(() => this.#append(bytes));
    } else {
      if (this.#buffer.full) this.#endFrame();
      await this.#drain();
      this.#buffer.add(bytes, events);
    }
    this.#contentBytes += bytes.length;
    this.#events += events;
    if (events > 0 && this.#begunMs === 0) this.#begunMs = Date.now();
  }

  /** What was added before this call is durable when it resolves. */
  async cut(): Promise<PartState> {
    const counts = {
      part: this.number,
      content_bytes: this.#contentBytes,
      events: this.#events,
      shown: this.#shown,
      begun_ms: this.#begunMs,
      sync: this.#sync.toString("hex"),
    };
    this.#endFrame();
    // Asked for within this very call: what is added later comes behind it.
    const written = this.#drain();
    const size_bytes = await written;
    await this.#handle.datasync();
    return { ...counts, size_bytes };
  }

  /** Ends the file: nothing is added any more. Durable as after `cut`; may be called again, also after a failure. */
  finish(): Promise<FinishedPart> {
    this.#finished ??= this.#finish().catch((error) => {
      this.#finished = undefined;
      throw error;
    });
    return this.#finished;
  }

  async #finish(): Promise<FinishedPart> {
    // An archive of nothing is not nothing: it, too, has to be one that can be unpacked.
    if (this.#form.pack !== undefined && this.#sizeBytes + this.#contentBytes === 0) this.#endFrame(NOTHING);
    const finished = {
      ...(await this.cut()),
      identity: identityOf(await this.#handle.stat({ bigint: true })),
    };
    await this.close();
    return finished;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }

  async #addHeader(): Promise<void> {
    const header = this.#form.header(this.#sync);
    if (header.length === 0) return;
    if (this.#form.packsHeader) {
      await this.add(header, 0);
      return;
    }
    await this.#append(header);
    this.#contentBytes += header.length;
  }

  #endFrame(frame = this.#buffer.take()): void {
    if (frame === undefined) return;
    this.#frames.push(frame);
    this.#endedFrames++;
  }

  /** Writes the frames that have ended by now; resolves to the file's size behind them. */
  #drain(): Promise<number> {
    const ended = this.#endedFrames;
    return this.#turns.run(async () => {
      for (let [frame] = this.#frames; frame !== undefined; [frame] = this.#frames) {
        if (this.#writtenFrames === ended) break;
        await this.#append((await this.#form.pack?.(frame, this.#sync)) ?? frame.bytes);
        this.#frames.shift();
        this.#writtenFrames++;
      }
      return this.#sizeBytes;
    });
  }

  /** At the end that is known, so that bytes which a failed write left are overwritten. */
  async #append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await this.#handle.write(bytes, at, bytes.length - at, this.#sizeBytes + at)).bytesWritten;
    }
    this.#sizeBytes += bytes.length;
  }
}
