// Writes objects: events are gathered in the state folder, and what is complete there and held by a checkpoint goes to the bucket, each object whole and under a name of its own.
import { join } from "node:path";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { Json } from "../../../dsl/spec/option-value.ts";
import type { SinkContext } from "../connector.ts";
import type { Committed, Cut, Detail, Sink } from "../delivery.ts";
import { fileFailure } from "../file/failures.ts";
import { formOf } from "../writing/form.ts";
import { ObjectNames } from "./object-names.ts";
import { LENGTH_BYTES, Packing, withLengths } from "./packing.ts";
import type { objectSinkOptions } from "./sink-options.ts";
import { type EventRun, type Room, runFrom, type Written } from "./splitter.ts";
import { type OpenObject, Spool } from "./spool.ts";
import { type Complete, type Shown, type SpoolState, spoolIn, spoolJson } from "./spooled.ts";
import type { ObjectStore } from "./store.ts";
import { TimeFolders } from "./time-folders.ts";
import { type Uploaded, Uploads } from "./uploads.ts";

export type ObjectSinkOptions = OptionsOf<typeof objectSinkOptions>;

/** Where the source goes on until it is stopped. */
const EVERY_MS = 60_000;
/** How many complete objects of full size may wait for the bucket before the source has to. */
const WAITING_OBJECTS = 4;
/** And how many of any size: each checkpoint names them all. */
const WAITING_AT_MOST = 1000;
/** How many complete files may stand open before they are made durable. */
const OPEN_AT_MOST = 64;
/** After an upload it is no hurry to record it: one checkpoint may be for many. */
const SETTLED_MS = 1000;
/** Timers can't wait for longer. */
const TIMER_MS = 2 ** 31 - 1;

/**
 * Throws `bucket.*` before any event is read where nothing could be written. The sink closes the store.
 */
export async function openObjectSink(
  options: ObjectSinkOptions,
  context: SinkContext,
  store: ObjectStore,
): Promise<Sink> {
  try {
    const names = new ObjectNames(options, context);
    const folders = options.by === undefined ? undefined : new TimeFolders(options.by, context.step);
    context.claim(`${store.name}/${names.prefix} for ${context.stream}`);
    const probe = `${names.prefix}strm-probe`;
    await store.tryWriting(probe, new AbortController().signal);
    const sink = new ObjectSink({ options, context, store, names, folders });
    await sink.open();
    return sink;
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface SinkParts {
  readonly options: ObjectSinkOptions;
  readonly context: SinkContext;
  readonly store: ObjectStore;
  readonly names: ObjectNames;
  readonly folders: TimeFolders | undefined;
}

class ObjectSink implements Sink {
  readonly #parts: SinkParts;
  readonly #everyMs: number;
  /** Of what each object begins with. */
  readonly #headerBytes: number;
  readonly #packing: Packing;
  readonly #spool: Spool;
  readonly #uploads: Uploads;
  readonly #resumes: SpoolState;
  /** Complete, and in no checkpoint yet. */
  #closed: readonly OpenObject[] = [];
  /** Those of them whose files may stand open. */
  #unfinished: OpenObject[] = [];
  /** Complete in a checkpoint that was prepared, and not known to be in the bucket. */
  #complete: readonly Complete[];
  /** Those of them that are being uploaded: the checkpoint that completes them holds. */
  readonly #handed = new Set<Complete>();
  /** Those of them that the bucket has. */
  readonly #arrived = new Set<Complete>();
  /** In the bucket, and not told of. */
  #shown: readonly Shown[];
  /** Those whose files the next commit removes. */
  #spent: readonly Complete[] = [];
  #ends: boolean;
  /** Events that were taken of a write that failed, and comes again. */
  #taken = 0;
  /** A checkpoint may hold something: the spool stays when the run breaks off. */
  #held: boolean;
  #due: NodeJS.Timeout | undefined;
  #settled: NodeJS.Timeout | undefined;
  /** A checkpoint has been asked for, and was not cut yet. */
  #asked = false;

  constructor(parts: SinkParts) {
    const { options, context, store, names } = parts;
    this.#parts = parts;
    this.#everyMs = options.every ?? (context.bounded ? Number.POSITIVE_INFINITY : EVERY_MS);
    const form = formOf(options.compress, context);
    this.#headerBytes = form.header(Buffer.alloc(form.syncBytes)).length;
    this.#packing = new Packing(form, context.format === "avro");
    const folder = join(context.stateDir, "spool", `${context.job}-${encodeURIComponent(context.step)}`);
    this.#spool = new Spool(folder);
    this.#uploads = new Uploads({
      store,
      fileOf: (object) => this.#fileOf(object),
      contentType: names.contentType,
      metadata: { "strm-stream": context.stream, "strm-contract": context.contract },
      overwrite: options.overwrite,
      step: context.step,
      warn: ({ message }) => {
        const help = `What is to go there waits in ${folder}, and is tried again; when too much waits, the source does, too.`;
        context.warn(`\`${context.step}\` can't upload for now: ${message}`, help);
      },
      settled: () => {
        this.#settled ??= setTimeout(() => this.#askForCheckpoint(), SETTLED_MS).unref();
      },
    });
    this.#resumes = spoolIn(context.resume);
    this.#complete = this.#resumes.complete;
    this.#shown = this.#resumes.shown;
    this.#ends = this.#resumes.ends;
    this.#held = context.resume !== undefined;
  }

  async open(): Promise<void> {
    try {
      const done = await this.#spool.begin(this.#resumes);
      for (const { object } of done) this.#handed.add(object);
      this.#arrive(done);
      this.#wake();
    } catch (error) {
      await this.#spool.close();
      throw fileFailure(error, this.#spool.pathOf(0), "write");
    }
  }

  async write(bytes: Uint8Array, events: number, detail?: Detail): Promise<void> {
    const { options, folders } = this.#parts;
    await this.#uploads.below(WAITING_OBJECTS * options.max_size, WAITING_AT_MOST);
    const written: Written = { bytes, events, detail };
    try {
      do {
        await this.#finishSome();
        const run = runFrom(written, this.#taken, folders, (folder) => this.#roomIn(folder));
        await this.#add(run, this.#inSpool(written, run));
        this.#taken += run.events;
      } while (this.#taken < events);
    } catch (error) {
      throw fileFailure(error, this.#spool.pathOf(this.#spool.last), "write");
    }
    this.#taken = 0;
  }

  async prepare({ ends }: Cut): Promise<Json> {
    const nowMs = Date.now();
    this.#asked = false;
    clearTimeout(this.#settled);
    this.#settled = undefined;
    for (const { head, part } of [...this.#spool.open]) {
      if (ends || nowMs - part.begunMs >= this.#everyMs) this.#release(head.folder);
    }
    this.#wake();
    // All of it within this very call, before anything is awaited.
    const closed = this.#closed;
    this.#arrive(this.#uploads.take());
    const finishing = closed.map(async (object) => ({ object, part: await object.part.finish() }));
    const cutting = this.#spool.cut();
    const { last } = this.#spool;
    try {
      this.#uploads.goOn();
      const [finished, open] = await Promise.all([Promise.all(finishing), cutting]);
      const fresh = finished.map(({ object: { head }, part }) => ({
        key: this.#parts.names.keyOf(head),
        part,
      }));
      this.#spent = [...this.#spent, ...this.#complete.filter((one) => this.#arrived.has(one))];
      this.#complete = [...this.#complete.filter((one) => !this.#arrived.has(one)), ...fresh];
      this.#closed = this.#closed.filter((object) => !closed.includes(object));
      this.#ends = ends;
      // From here on the engine may record it, whatever comes then.
      this.#held = true;
      return spoolJson({ last, open, complete: this.#complete, shown: this.#shown, ends });
    } catch (error) {
      // One failure is told; whatever else is under way ends before anything is tried again.
      await Promise.allSettled([...finishing, cutting]);
      throw fileFailure(error, this.#spool.pathOf(last), "write");
    }
  }

  async commit(): Promise<Committed> {
    const fresh = this.#complete.filter((one) => !this.#handed.has(one));
    for (const one of fresh) this.#handed.add(one);
    this.#uploads.add(fresh);
    if (this.#ends) {
      await this.#uploads.below(0, 0);
      const uploaded = this.#uploads.take();
      this.#arrive(uploaded);
      for (const one of uploaded) await this.#spool.markDone(one);
    }
    await this.#removeSpent();
    const shown = this.#shown;
    this.#shown = [];
    return {
      events: shown.reduce((sum, { events }) => sum + events, 0),
      written: shown.map(({ key, events, sizeBytes }) => ({
        target: `${this.#parts.store.name}/${key}`,
        events,
        sizeBytes,
      })),
    };
  }

  async close(): Promise<void> {
    clearTimeout(this.#due);
    clearTimeout(this.#settled);
    await this.#uploads.close();
    await this.#spool.close();
    for (const { part } of this.#closed) await part.close().catch(() => {});
    if (!this.#held) await this.#spool.removeAllBut([]).catch(() => {});
    await this.#parts.store.close();
  }

  #arrive(uploaded: readonly Uploaded[]): void {
    for (const { object, sizeBytes } of uploaded) {
      this.#arrived.add(object);
      this.#shown = [...this.#shown, { key: object.key, events: object.part.events, sizeBytes }];
    }
  }

  async #fileOf({ key, part: { part, size_bytes } }: Complete) {
    const path = this.#spool.pathOf(part);
    if (!this.#packing.needed) return { path, sizeBytes: size_bytes };
    const packed = this.#spool.packedPathOf(part);
    try {
      return { path: packed, sizeBytes: await this.#packing.pack(path, size_bytes, packed, key) };
    } catch (error) {
      throw fileFailure(error, packed, "write");
    }
  }

  /** What stands in the spool of a run of events. */
  #inSpool({ bytes, detail }: Written, { start, end, events }: EventRun): Uint8Array {
    const own = bytes.subarray(start, end);
    const { ends } = detail?.frames ?? {};
    if (this.#parts.context.format !== "avro" || ends === undefined) return own;
    return withLengths(own, start, ends.subarray(this.#taken, this.#taken + events));
  }

  /** What more the folder's object takes, as it will be before compression; what does not fit goes to a new one. */
  #roomIn(folder: string): Room {
    const { max_size, max_events = Number.POSITIVE_INFINITY } = this.#parts.options;
    const { contentBytes = 0, events = 0 } = this.#spool.of(folder)?.part ?? {};
    const lengthBytes = this.#parts.context.format === "avro" ? events * LENGTH_BYTES : 0;
    return {
      bytes: max_size - this.#headerBytes - (contentBytes - lengthBytes),
      events: max_events - events,
    };
  }

  async #add(run: EventRun, bytes: Uint8Array): Promise<void> {
    const room = this.#roomIn(run.folder);
    const open = this.#spool.of(run.folder);
    if (open !== undefined && (run.end - run.start > room.bytes || run.events > room.events)) {
      this.#finish(run.folder);
    }
    const crowded = this.#spool.of(run.folder) === undefined ? this.#spool.crowded : undefined;
    if (crowded !== undefined) this.#finish(crowded);
    await this.#spool.add(run, bytes);
    if (open === undefined) this.#wake();
  }

  /** The folder's object is full; the next checkpoint brings it on its way. */
  #finish(folder: string): void {
    this.#release(folder);
    this.#askForCheckpoint();
  }

  /** Nothing is added to the folder's object any more. */
  #release(folder: string): void {
    const object = this.#spool.release(folder);
    if (object === undefined) return;
    this.#closed = [...this.#closed, object];
    this.#unfinished.push(object);
  }

  /** What is complete stands open until it is durable: not too many at once, however small objects are. */
  async #finishSome(): Promise<void> {
    if (this.#unfinished.length < OPEN_AT_MOST) return;
    await Promise.all(this.#unfinished.map(({ part }) => part.finish()));
    this.#unfinished = [];
  }

  /** Removes the files of objects that the bucket has. */
  async #removeSpent(): Promise<void> {
    for (const object of this.#spent) {
      await this.#spool.remove(object.part.part);
      this.#handed.delete(object);
      this.#arrived.delete(object);
    }
    this.#spent = [];
  }

  #askForCheckpoint(): void {
    if (this.#asked) return;
    this.#asked = true;
    // Whether it comes about is told where checkpoints are made.
    this.#parts.context.checkpoint().catch(() => {});
  }

  /** Asks for a checkpoint when the first of the open objects is due. */
  #wake(): void {
    clearTimeout(this.#due);
    const begun = [...this.#spool.open].map(({ part }) => part.begunMs).filter((ms) => ms > 0);
    if (begun.length === 0 || !Number.isFinite(this.#everyMs)) return;
    const waitMs = Math.max(0, Math.min(...begun) + this.#everyMs - Date.now());
    this.#due = setTimeout(() => this.#askForCheckpoint(), Math.min(waitMs, TIMER_MS)).unref();
  }
}
