// What a fetcher knows of one partition: where it stands, what waits there, and whether it can be read.
import { Backoff } from "./backoff.ts";
import type { TopicPartition } from "./partitions.ts";

export class FetchPosition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** What is asked for next. */
  offset: number;
  /** Up to there it was handed out. */
  handedOffset: number;
  /** Behind its last record, as the broker said last. */
  endOffset: number | undefined;
  bufferedBytes = 0;
  /** A request for it is under way. */
  busy = false;
  /** Of the last answer that brought something, as a count of all such answers: who was served longest ago is asked first. */
  served = 0;
  readonly backoff = new Backoff();

  constructor(topic: string, partition: number, offset: number) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.handedOffset = offset;
  }
}
