// Writes files under hidden names, cuts them back to a checkpoint, and makes them visible whole when a checkpoint holds them.
import { mkdir, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";
import type { SinkContext } from "../connector.ts";
import type { Committed, Cut, Sink } from "../delivery.ts";
import { type Form, formOf } from "../writing/form.ts";
import { type FinishedPart, Part, type PartOptions, type PartState } from "../writing/part.ts";
import { changedFailure, fileFailure } from "./failures.ts";
import { checkReplaceable, identityAt, putInPlace, type Rights, syncFolder } from "./in-place.ts";
import { PartNames } from "./part-names.ts";
import { type FileState, stateIn, stateJson } from "./sink-state.ts";
import type { fileSpec } from "./spec.ts";
import { Written } from "./written.ts";

type Options = OptionsOf<typeof fileSpec.sink.options>;

/** Throws a `file.*` failure before any event is read where the file could not be put in place later. */
export async function openFileSink(options: Options, context: SinkContext): Promise<Sink> {
  const target = resolve(context.baseDir, options.path);
  context.claim(target);
  try {
    const written = await Written.open(context.stateDir, target);
    const sink = new FileSink(target, options, context, written);
    await mkdir(dirname(target), { recursive: true });
    await sink.open();
    return sink;
  } catch (error) {
    throw fileFailure(error, target, "write");
  }
}

class FileSink implements Sink {
  readonly #target: string;
  readonly #options: Options;
  readonly #context: SinkContext;
  readonly #form: Form;
  /** Of what each file begins with. */
  readonly #headerBytes: number;
  readonly #names: PartNames;
  readonly #written: Written;
  readonly #rights: Rights;
  /** Files are numbered, and more than one may come to be. */
  readonly #parts: boolean;
  #open: Part | undefined;
  /** Complete, and not visible yet. */
  #closed: readonly Part[] = [];
  /** What the next commit makes visible. */
  #prepared: readonly FinishedPart[];
  /** The last file that was completed. */
  #last: FinishedPart | undefined;
  /** What the checkpoint has of the file that is written on. */
  readonly #resumes: PartState | undefined;
  /** It goes on from a checkpoint. */
  readonly #continues: boolean;
  /** A checkpoint may hold something: what is hidden stays when the run breaks off. */
  #held: boolean;
  /** What older runs left has been removed. */
  #tidy = false;
  #due: NodeJS.Timeout | undefined;

  constructor(target: string, options: Options, context: SinkContext, written: Written) {
    this.#target = target;
    this.#options = options;
    this.#context = context;
    this.#form = formOf(options.compress, context);
    this.#headerBytes = this.#form.header(Buffer.alloc(this.#form.syncBytes)).length;
    this.#names = new PartNames(target, context.job);
    this.#written = written;
    this.#rights = { overwrite: options.overwrite, written, step: context.step };
    this.#parts = options.every !== undefined || options.max_size !== undefined;
    const { open, done, last } = stateIn(context.resume);
    this.#resumes = open;
    this.#prepared = done;
    this.#last = last;
    this.#continues = context.resume !== undefined;
    this.#held = this.#continues;
  }

  /** Cuts what stands there back to the checkpoint, or makes sure that a new file can be written and put in place. */
  async open(): Promise<void> {
    const state = this.#resumes;
    if (state !== undefined) {
      const path = this.#names.hiddenPathOf(state.part);
      this.#open = await Part.goOn(this.#partOptions(state.part), state);
      if (this.#open === undefined) throw changedFailure(path, "was removed or cut short");
      this.#wake(this.#open);
      return;
    }
    if (!this.#continues) {
      const standing = this.#parts ? await this.#names.standing() : [0];
      for (const part of standing) await checkReplaceable(this.#names.pathOf(part), this.#rights);
      await this.#names.removeHidden(undefined);
    }
    // Also where nothing has come by the checkpoint: a file without events appears, too.
    if (this.#last === undefined) this.#open = await this.#begin();
  }

  async write(bytes: Uint8Array, events: number): Promise<void> {
    try {
      this.#open ??= await this.#begin();
      const { max_size = Number.POSITIVE_INFINITY } = this.#options;
      if (!this.#isEmpty(this.#open) && this.#open.contentBytes + bytes.length > max_size) {
        await this.#open.finish();
        this.#closed = [...this.#closed, this.#open];
        this.#open = undefined;
        this.#open = await this.#begin();
      }
      const fresh = this.#isEmpty(this.#open);
      await this.#open.add(bytes, events);
      if (fresh) this.#wake(this.#open);
    } catch (error) {
      throw fileFailure(error, this.#target, "write");
    }
  }

  async prepare({ ends }: Cut): Promise<Json> {
    const open = this.#open;
    if (open !== undefined && this.#completes(open, ends)) {
      this.#closed = [...this.#closed, open];
      this.#open = undefined;
    }
    // The one that asked for this checkpoint may have been a moment early.
    if (this.#open !== undefined && this.#open.begunMs > 0) this.#wake(this.#open);
    // Both within this very call, before anything is awaited.
    const finishing = this.#closed.map((part) => part.finish());
    const cutting = this.#open !== undefined && !this.#isEmpty(this.#open) ? this.#open.cut() : undefined;
    try {
      const [goesOn, ...done] = await Promise.all([cutting, ...finishing]);
      const state: FileState = { open: goesOn, done, last: done.at(-1) ?? this.#last };
      // The hidden names themselves have to be durable.
      await syncFolder(this.#names.folder);
      this.#prepared = done;
      // From here on the engine may record it, whatever comes then.
      this.#held = true;
      return stateJson(state);
    } catch (error) {
      // One failure is told; whatever else is under way ends before anything is tried again.
      await Promise.allSettled([...finishing, cutting]);
      throw fileFailure(error, this.#target, "write");
    }
  }

  async commit(): Promise<Committed> {
    const parts = this.#prepared;
    const resumes = this.#continues && !this.#tidy;
    try {
      // Noted first: a crash between the two must not make our own file a stranger's.
      await this.#written.note(
        parts.map((part) => ({ name: this.#names.nameOf(part.part), identity: part.identity })),
      );
      for (const part of parts) await this.#show(part, resumes);
      if (!this.#tidy) await this.#tidyUp(resumes);
      this.#tidy = true;
      if (parts.length > 0) await syncFolder(this.#names.folder);
    } catch (error) {
      throw fileFailure(error, this.#target, "write");
    }
    this.#closed = this.#closed.filter(({ number }) => !parts.some(({ part }) => part === number));
    this.#last = parts.at(-1) ?? this.#last;
    this.#prepared = [];
    return {
      events: parts.reduce((sum, { events, shown }) => sum + events - shown, 0),
      written: parts.map(({ part, events, size_bytes }) => ({
        target: this.#names.pathOf(part),
        events,
        sizeBytes: size_bytes,
      })),
    };
  }

  async close(): Promise<void> {
    clearTimeout(this.#due);
    const [closed, open] = [this.#closed, this.#open];
    this.#closed = [];
    this.#open = undefined;
    for (const part of closed) await this.#letGo(part, this.#held);
    // One that is empty is in no checkpoint before it is complete.
    if (open !== undefined) await this.#letGo(open, this.#held && !this.#isEmpty(open));
  }

  async #letGo(part: Part, stays: boolean): Promise<void> {
    try {
      await part.close();
      if (!stays) await unlink(this.#names.hiddenPathOf(part.number));
    } catch {
      // A leftover is hidden, and the job's next run removes it.
    }
  }

  /** True for a file that is to appear with the checkpoint that is cut now. */
  #completes(part: Part, ends: boolean): boolean {
    if (!this.#parts) return ends;
    const { every = Number.POSITIVE_INFINITY } = this.#options;
    return !this.#isEmpty(part) && (ends || Date.now() - part.begunMs >= every);
  }

  /** A file that was visible already is copied and added to; else a new one begins, with the next number where there are parts. */
  async #begin(): Promise<Part> {
    const last = this.#closed.at(-1)?.number ?? this.#last?.part ?? 0;
    const number = this.#parts ? last + 1 : last;
    const options = this.#partOptions(number);
    if (!this.#parts && this.#last !== undefined) {
      const visible = this.#names.pathOf(number);
      const same = (await identityAt(visible)) === this.#last.identity;
      const { events } = this.#last;
      const part = same ? await Part.copyOf(visible, options, { ...this.#last, shown: events }) : undefined;
      if (part === undefined) throw changedFailure(visible, "was removed or changed");
      return part;
    }
    return Part.begin(options, number);
  }

  #partOptions(part: number): PartOptions {
    const { secret } = this.#context;
    return { path: this.#names.hiddenPathOf(part), form: this.#form, secret };
  }

  /** Nothing in it but what each file begins with. */
  #isEmpty(part: Part): boolean {
    return part.contentBytes <= this.#headerBytes;
  }

  /** Asks for a checkpoint when the part is due. */
  #wake(part: Part): void {
    const { every } = this.#options;
    clearTimeout(this.#due);
    if (every === undefined) return;
    const ask = (): void => {
      // Whether it comes about is told where checkpoints are made.
      this.#context.checkpoint().catch(() => {});
    };
    this.#due = setTimeout(ask, Math.max(0, part.begunMs + every - Date.now())).unref();
  }

  async #show({ part, identity }: FinishedPart, resumes: boolean): Promise<void> {
    const [hidden, visible] = [this.#names.hiddenPathOf(part), this.#names.pathOf(part)];
    const standing = await identityAt(hidden);
    if (standing === identity) {
      await putInPlace(hidden, visible, this.#rights);
      return;
    }
    if ((await identityAt(visible)) === identity) return;
    // A part that a run before this one has shown may have been taken away by whoever reads them.
    if (standing === undefined && part > 0 && resumes) return;
    throw changedFailure(hidden, "was removed or changed");
  }

  /** What this job's older runs left hidden, and the parts of the job before it that none has replaced. */
  async #tidyUp(resumes: boolean): Promise<void> {
    if (resumes) await this.#names.removeHidden(this.#open?.number);
    if (!this.#parts) return;
    const open = this.#open;
    const last = Math.max(
      this.#last?.part ?? 0,
      // One that is empty may never come to replace anything.
      open === undefined || this.#isEmpty(open) ? 0 : open.number,
      ...this.#prepared.map(({ part }) => part),
    );
    for (const part of await this.#names.standing()) {
      if (part <= last) continue;
      const identity = await identityAt(this.#names.pathOf(part));
      const ours = identity !== undefined && this.#written.has({ name: this.#names.nameOf(part), identity });
      if (ours || this.#options.overwrite) await unlink(this.#names.pathOf(part));
    }
  }
}
