// Reads the objects of a bucket, one after another in the order of their keys, and those that come later where it follows.
import { setTimeout as sleep } from "node:timers/promises";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import type { SourceContext } from "../connector.ts";
import type { Item, Position, Source } from "../delivery.ts";
import { moveTo } from "../reading/move-to.ts";
import { openReader, type Reader } from "../reading/reader.ts";
import { KeyChoice } from "./key-choice.ts";
import { ObjectOrigin } from "./object-origin.ts";
import { ReadObjects, type Standing } from "./read-objects.ts";
import { changedObject, isChanged, noObjects } from "./source-failures.ts";
import type { objectSourceOptions } from "./source-options.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

export type ObjectSourceOptions = OptionsOf<typeof objectSourceOptions>;

/** Small ones are fetched ahead: each costs a round trip, however small it is. */
const OBJECTS_AHEAD = 8;
const MOST_TOLD = 10;

type Items = AsyncGenerator<Item, void, void>;

/** Closes the store with the source, or where it throws. Throws `bucket.no-objects`, and what the store throws. */
export async function openObjectSource(
  options: ObjectSourceOptions,
  context: SourceContext,
  store: ObjectStore,
): Promise<Source> {
  const source = new ObjectSource(options, context, store);
  try {
    if (context.resume.size === 0) await source.look();
    return source;
  } catch (error) {
    await source.close();
    throw error;
  }
}

interface Found {
  readonly origin: ObjectOrigin;
  /** Another version of it was read. */
  readonly replaced: boolean;
}

class ObjectSource implements Source {
  readonly #options: ObjectSourceOptions;
  readonly #context: SourceContext;
  readonly #store: ObjectStore;
  readonly #choice: KeyChoice;
  readonly #read: ReadObjects;
  /** Aborted: nothing is waited for any more. */
  readonly #ends = new AbortController();
  #reader: Reader | undefined;
  #toldHidden = false;
  #told = 0;

  constructor(options: ObjectSourceOptions, context: SourceContext, store: ObjectStore) {
    this.#options = options;
    this.#context = context;
    this.#store = store;
    this.#choice = new KeyChoice(options);
    this.#read = new ReadObjects(context.resume, options.follow);
  }

  /** Whether there is anything to read: before the first event, and with the rights that it takes. */
  async look(): Promise<void> {
    for await (const _ of this.#listed()) return;
    const { step, warn } = this.#context;
    const none = noObjects(step, this.#choice.prefixes.map((one) => `${this.#store.name}/${one}`).join(", "));
    if (!this.#options.follow) throw none;
    warn(none.message, "It waits for one to come.");
  }

  async *items(stop: AbortSignal): Items {
    const onStop = (): void => this.#ends.abort();
    stop.addEventListener("abort", onStop, { once: true });
    try {
      if (!stop.aborted) yield* this.#items(stop);
    } catch (error) {
      // What was waited for ends by the stop's own error.
      if (!stop.aborted || error instanceof StrmFailure) throw error;
    } finally {
      stop.removeEventListener("abort", onStop);
    }
  }

  async close(): Promise<void> {
    this.#ends.abort();
    await this.#leave();
    await this.#store.close();
  }

  async *#items(stop: AbortSignal): Items {
    const { half } = this.#read;
    if (half !== undefined) yield* this.#finish(half.key, half.version, half.at, stop);
    for (;;) {
      for await (const found of this.#next()) {
        yield* this.#take(found, stop);
        if (stop.aborted) return;
      }
      if (!this.#options.follow) return;
      await sleep(this.#options.poll_every, undefined, { signal: this.#ends.signal });
    }
  }

  /** The objects that may hold events, in the order of their keys. */
  async *#listed(): AsyncGenerator<StoredObject, void, void> {
    for (const prefix of this.#choice.prefixes) {
      for await (const object of this.#store.list(prefix, undefined, this.#ends.signal)) {
        if (object.sizeBytes === 0) continue;
        const kind = this.#choice.judge(object.key);
        if (kind === "hidden") this.#tellHidden(object);
        if (kind === "read") yield object;
      }
    }
  }

  /** Those that were not read in this version, with the next ones on their way. */
  async *#next(): AsyncGenerator<Found, void, void> {
    const ahead: Found[] = [];
    for await (const object of this.#listed()) {
      const known = this.#read.compare(object);
      if (known === "same") continue;
      const origin = this.#originOf(object);
      if (known === "none") origin.fetch();
      ahead.push({ origin, replaced: known === "other" });
      const first = ahead.length > OBJECTS_AHEAD ? ahead.shift() : undefined;
      if (first !== undefined) yield first;
    }
    yield* ahead;
  }

  async *#take({ origin, replaced }: Found, stop: AbortSignal): Items {
    if (replaced) {
      const what = "was replaced after it had been read";
      if (this.#options.changed === "fail") throw changedObject(origin.place, what);
      if (this.#options.changed === "ignore") {
        this.#tell(`${origin.place} ${what}.`, "It stays as it was read (`changed = ignore`).");
        yield this.#moved(origin, this.#read.finish(origin.object));
        return;
      }
      this.#tell(`${origin.place} ${what}.`, AGAIN);
    }
    yield* this.#whole(origin, undefined, stop);
  }

  /** What the run before left in its middle. */
  async *#finish(key: string, version: string, at: Position, stop: AbortSignal): Items {
    const now = await this.#store.head(key, this.#ends.signal);
    const origin = this.#originOf({ key, version, sizeBytes: now?.sizeBytes ?? 0 });
    if (now?.version === version) yield* this.#whole(origin, at, stop);
    else yield* this.#changedWithin(origin, now, stop);
  }

  /** To the end of the object as it is by then. */
  async *#whole(first: ObjectOrigin, at: Position | undefined, stop: AbortSignal): Items {
    let [origin, resume] = [first, at];
    while (!stop.aborted) {
      const progress = { begun: resume !== undefined, inLine: false };
      try {
        yield* this.#contents(origin, resume, stop, progress);
        return;
      } catch (error) {
        if (!isChanged(error)) throw error;
        // The first pieces of a long line are delivered: there is no way back but the last checkpoint.
        if (progress.inLine) throw changedObject(origin.place, "was replaced or deleted while it was read");
      }
      const now = await this.#store.head(origin.name, this.#ends.signal);
      if (progress.begun) {
        yield* this.#changedWithin(origin, now, stop);
        return;
      }
      if (now === undefined) {
        this.#tell(`${origin.place} was deleted before its turn came.`, "Nothing of it was read.");
        return;
      }
      [origin, resume] = [this.#originOf(now), undefined];
    }
  }

  async *#contents(
    origin: ObjectOrigin,
    resume: Position | undefined,
    stop: AbortSignal,
    progress: { begun: boolean; inLine: boolean },
  ): Items {
    const { key, version } = origin.object;
    try {
      const reader = await openReader(origin, this.#context, this.#options, resume);
      if (reader === undefined) throw origin.changed("does not hold what was read of it");
      this.#reader = reader;
      for await (const item of itemsOf(reader, stop)) {
        progress.begun = true;
        progress.inLine = item.content.kind === "piece" && !item.content.piece.last;
        yield { ...item, ...this.#read.reading({ key, version, at: item.position }) };
      }
    } finally {
      await this.#leave();
    }
    if (!stop.aborted) yield this.#moved(origin, this.#read.finish(origin.object));
  }

  /** `origin` was read in part, and `now` is what stands there. */
  async *#changedWithin(origin: ObjectOrigin, now: StoredObject | undefined, stop: AbortSignal): Items {
    const what = `was ${now === undefined ? "deleted" : "replaced"} before it had been read to its end`;
    if (this.#options.changed === "fail") throw changedObject(origin.place, what);
    if (now === undefined || this.#options.changed === "ignore") {
      this.#tell(`${origin.place} ${what}.`, "What was not read of it is lost.");
      yield this.#moved(origin, this.#read.finish(now ?? origin.object));
      return;
    }
    this.#tell(`${origin.place} ${what}.`, AGAIN);
    yield* this.#whole(this.#originOf(now), undefined, stop);
  }

  #originOf(object: StoredObject): ObjectOrigin {
    return new ObjectOrigin(this.#store, object, this.#ends.signal);
  }

  #moved(origin: ObjectOrigin, { partition, position }: Standing): Item {
    return moveTo(partition, position, origin.name);
  }

  async #leave(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  #tellHidden({ key }: StoredObject): void {
    if (this.#toldHidden) return;
    this.#toldHidden = true;
    this.#context.warn(
      `Source \`${this.#context.step}\` passes over ${this.#store.name}/${key} and others like it: a name in it begins with \`.\` or \`_\`.`,
      "Say so in `pattern` where such objects are meant: `_*/**`.",
    );
  }

  /** A few of many are enough. */
  #tell(message: string, help: string): void {
    this.#told++;
    const last = this.#told === MOST_TOLD ? " More of them are not told." : "";
    if (this.#told <= MOST_TOLD) this.#context.warn(message, `${help}${last}`);
  }
}

const AGAIN = "It is read from its start: events that were read before come again (`changed = read`).";

async function* itemsOf(reader: Reader, stop: AbortSignal): Items {
  yield* reader.items(stop);
  if (!stop.aborted) yield* reader.end();
}
