// Reads partitions ahead, as readers of `read_committed` see them.
import { AnswerReader, CHUNK_BYTES } from "./answer-reader.ts";
import { type FetchAnswer, fetch } from "./apis/log.ts";
import { expectNone } from "./broker-errors.ts";
import { Changes } from "./changes.ts";
import type { Cluster, Led } from "./cluster.ts";
import type { Lane } from "./connections.ts";
import { FetchPosition } from "./fetch-position.ts";
import type { Fetched } from "./fetched.ts";
import { type PartitionOffset, partitionKey } from "./partitions.ts";
import { awaitChange, HICCUP_MS, mayPass, waitMs, worthAnotherTry } from "./persist.ts";
import { Records } from "./record-reader.ts";

export interface FetcherOptions {
  /** How long a broker may wait where there is nothing yet. */
  readonly maxWaitMs: number;
  /** About how much is read ahead, over all partitions, as it came from the brokers. */
  readonly maxBytes: number;
}

/** A partition with as much waiting is not asked for; the default of `max.message.bytes`, so that most batches fit. */
const PARTITION_BYTES = 1_048_576;
/** How long a broker may wait while another of its partitions can't be asked for: that one must not wait for it. */
const SHORT_WAIT_MS = 20;

interface Waiting {
  readonly position: FetchPosition;
  readonly answer: AnswerReader;
}

/** What is read since one `start`: whatever belongs to an earlier one is dropped when it comes. */
interface Reading {
  readonly positions: ReadonlyMap<string, FetchPosition>;
  readonly waiting: Waiting[];
  /** Addresses of brokers that have a request of ours. */
  readonly busy: Set<string>;
  failure: unknown;
}

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #options: FetcherOptions;
  readonly #lane: Lane;
  #reading: Reading | undefined;
  #served = 0;
  /** Something has changed: for who waits in `next`, and for who sends requests. */
  readonly #changes = new Changes();

  constructor(cluster: Cluster, options: FetcherOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#lane = cluster.lane("fetch");
  }

  /** Reads these partitions and no others, from there on; what was read ahead is dropped, and so is a failure. */
  start(positions: readonly PartitionOffset[]): void {
    const reading: Reading = {
      positions: new Map(
        positions.map(({ topic, partition, offset }) => [
          partitionKey(topic, partition),
          new FetchPosition(topic, partition, offset),
        ]),
      ),
      waiting: [],
      busy: new Set(),
      failure: undefined,
    };
    // A broker that still waits for something to answer would not come to the new request.
    if (this.#reading !== undefined) this.#cluster.release(this.#lane);
    this.#reading = reading;
    this.#changes.tell();
    void this.#run(reading);
  }

  /**
   * The next chunk, in order within each partition; waits for one. Undefined after `stop`. Throws a `TransientFailure` where a partition can't
   * be read for some seconds, and may be called again then. Throws `kafka.no-topic`, `kafka.denied`, `kafka.log-cut` and
   * `kafka.garbled` until the next `start`.
   */
  async next(): Promise<Fetched | undefined> {
    for (;;) {
      const reading = this.#reading;
      if (reading === undefined) return undefined;
      if (reading.failure !== undefined) throw this.#told(reading, reading.failure);
      const [first] = reading.waiting;
      if (first === undefined) {
        await this.#changes.next;
        continue;
      }
      const fetched = await this.#chunk(reading, first);
      // What was started or stopped meanwhile makes this chunk nobody's.
      if (reading === this.#reading) return fetched;
    }
  }

  /** Nothing more is read or handed out until the next `start`; a waiting `next` resolves. */
  stop(): void {
    this.#reading = undefined;
    this.#cluster.release(this.#lane);
    this.#changes.tell();
  }

  /** Records that brokers have and `next` has not handed out; undefined while no broker has said how many. Records of aborted transactions count too. */
  get lag(): number | undefined {
    const known = [...(this.#reading?.positions.values() ?? [])].flatMap(({ endOffset, handedOffset }) =>
      endOffset === undefined ? [] : [Math.max(0, endOffset - handedOffset)],
    );
    return known.length === 0 ? undefined : known.reduce((sum, records) => sum + records, 0);
  }

  /** Several small answers make one chunk: whoever is behind takes larger steps. */
  async #chunk(reading: Reading, first: Waiting): Promise<Fetched> {
    const { position } = first;
    const records = new Records();
    let { offset: nextOffset } = position;
    let { highWatermark } = first.answer;
    let next: Waiting | undefined = first;
    while (next !== undefined) {
      const { answer } = next;
      nextOffset = await answer.readInto(records);
      ({ highWatermark } = answer);
      if (!answer.done) break;
      reading.waiting.splice(reading.waiting.indexOf(next), 1);
      position.bufferedBytes -= answer.sizeBytes;
      if (records.sizeBytes >= CHUNK_BYTES) break;
      next = reading.waiting.find((one) => one.position === position);
    }
    position.handedOffset = nextOffset;
    this.#changes.tell();
    const { topic, partition } = position;
    const { offsets, timestampsMs, keys, values, headers } = records;
    return { topic, partition, offsets, timestampsMs, keys, values, headers, nextOffset, highWatermark };
  }

  #told(reading: Reading, failure: unknown): unknown {
    if (mayPass(failure)) {
      reading.failure = undefined;
      for (const position of reading.positions.values()) position.backoff.passed();
    }
    return failure;
  }

  /** Sends requests whenever there is something to ask and room for the answer. */
  async #run(reading: Reading): Promise<void> {
    while (reading === this.#reading) {
      const changed = this.#changes.next;
      // One moment for both: what is not asked for at it is due later.
      const nowMs = performance.now();
      await this.#sendAll(reading, nowMs);
      const dues = [...reading.positions.values()]
        .map(({ backoff }) => backoff.dueMs)
        .filter((dueMs) => dueMs > nowMs);
      await awaitChange(changed, dues.length === 0 ? undefined : waitMs(Math.min(...dues)));
    }
  }

  async #sendAll(reading: Reading, nowMs: number): Promise<void> {
    const { maxBytes } = this.#options;
    const bufferedBytes = [...reading.positions.values()].reduce((sum, one) => sum + one.bufferedBytes, 0);
    if (bufferedBytes >= maxBytes) return;
    const led = await this.#led(reading, nowMs);
    for (const [key, { address, partitions }] of led) {
      if (reading.busy.has(key)) continue;
      const free = partitions.filter(({ bufferedBytes }) => bufferedBytes < PARTITION_BYTES);
      if (free.length === 0) continue;
      const maxWaitMs = free.length < partitions.length ? SHORT_WAIT_MS : this.#options.maxWaitMs;
      reading.busy.add(key);
      void this.#fetch(reading, { address, partitions: free }, maxWaitMs, led.size).finally(() => {
        reading.busy.delete(key);
        this.#changes.tell();
      });
    }
  }

  /** Those that are due and not under way, by their leader's address. */
  #led(reading: Reading, nowMs: number): Promise<ReadonlyMap<string, Led<FetchPosition>>> {
    const due = [...reading.positions.values()].filter(
      ({ busy, backoff }) => !busy && backoff.dueMs <= nowMs,
    );
    return this.#cluster.byLeader(due, (position, error) => this.#failed(reading, position, error));
  }

  async #fetch(
    reading: Reading,
    { address, partitions }: Led<FetchPosition>,
    maxWaitMs: number,
    brokers: number,
  ): Promise<void> {
    const { maxBytes } = this.#options;
    partitions.sort((one, other) => one.served - other.served);
    for (const position of partitions) position.busy = true;
    try {
      const request = {
        maxWaitMs,
        maxBytes: Math.ceil(maxBytes / brokers),
        partitions: partitions.map(({ topic, partition, offset }) => ({
          topic,
          partition,
          offset,
          maxBytes: PARTITION_BYTES,
        })),
      };
      const timeoutMs = maxWaitMs + this.#cluster.requestTimeoutMs;
      const answer = await this.#cluster.send(address, this.#lane, fetch, request, timeoutMs);
      expectNone(answer.error, "read");
      if (reading !== this.#reading) return;
      for (const one of answer.partitions) this.#take(reading, one);
    } catch (error) {
      for (const position of partitions) this.#failed(reading, position, error);
    } finally {
      for (const position of partitions) position.busy = false;
    }
  }

  #take(reading: Reading, answer: FetchAnswer): void {
    const { topic, partition, error } = answer;
    const position = reading.positions.get(partitionKey(topic, partition));
    if (position === undefined) return;
    try {
      expectNone(error, `read partition ${partition} of topic "${topic}" from offset ${position.offset} on`);
      position.backoff.passed();
      position.endOffset = answer.highWatermark;
      if (answer.records.length === 0) return;
      const reader = new AnswerReader(answer, position.offset);
      if (reader.nextOffset === position.offset) return;
      position.offset = reader.nextOffset;
      position.bufferedBytes += reader.sizeBytes;
      position.served = ++this.#served;
      reading.waiting.push({ position, answer: reader });
    } catch (failure) {
      this.#failed(reading, position, failure);
    }
  }

  #failed(reading: Reading, position: FetchPosition, error: unknown): void {
    if (reading !== this.#reading) return;
    this.#cluster.forgetLeaders([position.topic]);
    if (worthAnotherTry(error, position.backoff.failed(performance.now()), HICCUP_MS)) return;
    reading.failure ??= error;
    this.#changes.tell();
  }
}
