// One Kafka broker for all test files that need just any: started when the first one asks, and stopped when all tests have ended.

import { once } from "node:events";
import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { KafkaBroker } from "./kafka-broker.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where test files ask for it. */
    sharedServers: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let kafka: Promise<KafkaBroker> | undefined;
  const server = createServer((_, response) => {
    kafka ??= KafkaBroker.start();
    kafka.then(
      ({ brokers }) => response.end(brokers),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const address = server.address();
  provide("sharedServers", `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/kafka`);
  return async () => {
    server.close();
    await (await kafka?.catch(() => undefined))?.stop();
  };
}
