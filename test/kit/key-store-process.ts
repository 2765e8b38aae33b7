// A process of its own that asks a key store for links: `key-store-process.ts PLACE VALUES`, with PLACE as JSON.
// It says when it is ready, begins when its input ends, and prints one line of JSON: the key links of the values, in order.
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TransientFailure } from "../../runner/failure.ts";
import type { Link, LinkRequest } from "../../runner/privacy/key-store.ts";
import { linkRequest, openKeyStore } from "./key-stores.ts";

const [place = "", count = "0"] = process.argv.slice(2);
process.stdout.write("ready\n");
for await (const _ of process.stdin);
const store = await openKeyStore(JSON.parse(place));
const names: string[] = [];
for (let value = 0; value < Number(count); value += 5) {
  const requests = [0, 1, 2, 3, 4].map((i) => linkRequest(value + i, 0));
  const links = await patiently(requests);
  names.push(...links.map((link) => link.keyLink));
}
await store.close();
process.stdout.write(`${JSON.stringify(names)}\n`);

/** As a run does: what another process's lock prevented is tried again. */
async function patiently(requests: readonly LinkRequest[]): Promise<readonly Link[]> {
  for (;;) {
    try {
      return await store.links(requests, () => ({ keyLink: randomUUID(), wrappedSecret: randomBytes(32) }));
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      await sleep(Math.random() * 100);
    }
  }
}
