// What a request of Kafka's protocol is: its number, its version, how it is written and how its answer is read.
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/**
 * One version each, which brokers from 2.8 to 4.x speak; a connection asks for that once. The messages are those of
 * https://kafka.apache.org/protocol, less the fields that nothing here reads.
 */
export interface Api<Request, Answer> {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** `plain`: both headers are those of before KIP-482; `plain-answer`: only the answer's. */
  readonly headers?: "plain" | "plain-answer";
  readonly write: (writer: WireWriter, request: Request) => void;
  readonly read: (reader: WireReader) => Answer;
}
