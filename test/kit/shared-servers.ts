// One server of each kind for all test files that need just any: started when the first one asks, and stopped when all tests have ended.

import { once } from "node:events";
import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { GcsServer } from "./gcs-server.ts";
import { KafkaBroker } from "./kafka-broker.ts";
import { S3Server } from "./s3-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where test files ask for them; see `sharedServer`. */
    sharedServers: string;
  }
}

interface Started {
  stop(): Promise<void>;
}

/** By kind; each answers with what tests know of it. */
const kinds: Readonly<Record<string, () => Promise<readonly [Started, unknown]>>> = {
  kafka: async () => {
    const broker = await KafkaBroker.start();
    return [broker, broker.brokers];
  },
  s3: async () => {
    const server = await S3Server.start();
    const { endpoint, region, app, reader, admin } = server;
    return [server, { endpoint, region, app, reader, admin }];
  },
  gcs: async () => {
    const server = await GcsServer.start();
    const { endpoint, project } = server;
    return [server, { endpoint, project }];
  },
};

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<readonly [Started, unknown]>>();
  const server = createServer((request, response) => {
    const kind = request.url?.slice(1) ?? "";
    const start = kinds[kind];
    if (start === undefined) {
      response.writeHead(404).end(`there is no shared server ${kind}`);
      return;
    }
    const starting = started.get(kind) ?? start();
    started.set(kind, starting);
    starting.then(
      ([, known]) => response.end(JSON.stringify(known)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const address = server.address();
  provide("sharedServers", `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  return async () => {
    server.close();
    for (const starting of started.values()) {
      const [running] = (await starting.catch(() => undefined)) ?? [];
      await running?.stop();
    }
  };
}
