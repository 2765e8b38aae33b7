// The failures of topics that a step names and the cluster does not have.
import { StrmFailure } from "../../failure.ts";

export function noTopicToRead(step: string, topic: string): StrmFailure {
  return new StrmFailure(
    "kafka.no-topic",
    `Source \`${step}\` finds no topic \`${topic}\`, or may not know of it.`,
    "Create the topic, correct `topic`, or give the user the right to read it.",
  );
}

export function noTopicToWrite(step: string, topic: string): StrmFailure {
  return new StrmFailure(
    "kafka.no-topic",
    `Sink \`${step}\` finds no topic \`${topic}\`, or may not know of it.`,
    "Create the topic, or let the sink do it: `create = { partitions = 6 }`.",
  );
}
