// A process of its own that asks a key store for links: `key-store-process.ts PLACE PLAN`, both as JSON. It says when it is ready, begins
// when its input ends, and prints one line of JSON: what it was given, in the order of asking.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TransientFailure } from "../../runner/failure.ts";
import type { Link, LinkRequest } from "../../runner/privacy/key-store.ts";
import { type GivenLink, linkRequest, openKeyStore, type RacePlan } from "./key-stores.ts";

const [place = "", planText = ""] = process.argv.slice(2);
const plan: RacePlan = JSON.parse(planText);
process.stdout.write("ready\n");
for await (const _ of process.stdin);
const store = await patiently(() => openKeyStore(JSON.parse(place)));
const given: GivenLink[] = [];
for (const asked of batches(plan)) {
  const requests = asked.map(({ value, timeMs, spanMs }) =>
    linkRequest(value, timeMs, { rotate: { kind: "span", spanMs } }),
  );
  const links = await patiently(() => linksOf(requests));
  given.push(
    ...links.map(({ keyLink, startMs, endMs, created }, i) => ({
      ...asked[i]!,
      keyLink,
      startMs,
      endMs,
      created,
    })),
  );
}
await store.close();
process.stdout.write(`${JSON.stringify(given)}\n`);

type Asked = Pick<GivenLink, "value" | "timeMs"> & { readonly spanMs: number };

/** All values in order, five at a time; or as many batches of random values at random moments. */
function batches({ values, random }: RacePlan): readonly (readonly Asked[])[] {
  if (random === undefined) {
    return Array.from({ length: values / 5 }, (_, batch) =>
      [0, 1, 2, 3, 4].map((i) => ({ value: 5 * batch + i, timeMs: 0, spanMs: 1000 })),
    );
  }
  const { batches, withinMs } = random;
  return Array.from({ length: batches }, () =>
    Array.from({ length: 8 }, () => ({
      value: randomInt(values),
      timeMs: randomInt(withinMs),
      spanMs: randomInt(1, withinMs / 4),
    })),
  );
}

function linksOf(requests: readonly LinkRequest[]): Promise<readonly Link[]> {
  return store.links(requests, () => ({ keyLink: randomUUID(), wrappedSecret: randomBytes(32) }));
}

/** As a run does: what another process's lock prevented is tried again. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      await sleep(Math.random() * 100);
    }
  }
}
