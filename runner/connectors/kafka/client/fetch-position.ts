// What a fetcher knows of one partition: where it stands, what waits there, and whether it can be read.
import type { TopicPartition } from "./partitions.ts";

export class FetchPosition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** What is asked for next. */
  offset: number;
  bufferedBytes = 0;
  /** A request for it is under way. */
  busy = false;
  /** Of the last answer that brought something, as a count of all such answers: who was served longest ago is asked first. */
  served = 0;
  /** Not before this moment, on the clock of `performance`. */
  dueMs = 0;
  #failures = 0;
  #failingSinceMs = 0;

  constructor(topic: string, partition: number, offset: number) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** How long it has failed now; it is tried again a little later. */
  failed(nowMs: number): number {
    if (this.#failures === 0) this.#failingSinceMs = nowMs;
    this.#failures++;
    this.dueMs = nowMs + Math.min(1000, 20 * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    return nowMs - this.#failingSinceMs;
  }

  /** Counts from anew, so that the next one is told after as long again. */
  told(): void {
    this.#failures = 0;
  }
}
