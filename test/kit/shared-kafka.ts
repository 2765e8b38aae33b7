// The Kafka broker that test files share.
import process from "node:process";
import { javaMissing, type Missing, needServer } from "./servers.ts";
import { sharedServer } from "./shared-server.ts";

/** What is missing for a broker of ours. */
export function kafkaMissing(): Missing | undefined {
  return javaMissing();
}

/** True where `sharedKafka` gives one; see `needServer`. */
export function hasSharedKafka(): boolean {
  return process.env.KAFKA_BROKERS !== undefined || needServer("Kafka", kafkaMissing());
}

/** True where a test may have a broker of its own, to be killed; see `needServer`. */
export function hasOwnKafka(): boolean {
  return needServer("Kafka", kafkaMissing());
}

/** `host:port` of brokers: those in `KAFKA_BROKERS`, else one that is started when it is asked for first. */
export async function sharedKafka(): Promise<string> {
  const given = process.env.KAFKA_BROKERS;
  if (given !== undefined) return given;
  return await sharedServer("kafka");
}
