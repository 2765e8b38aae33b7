// Whatever goes wrong between a run and a bucket, at any request, and wherever the run is killed then: each event is in exactly one object, and no object is cut.
import { describe, expect, test } from "vitest";
import { bucketKinds } from "../kit/bucket-places.ts";
import { type BucketProof, checkObjects, makeBucketProof, runBucketProof } from "../kit/bucket-proof.ts";
import { type Fault, type HttpFault, HttpProxy } from "../kit/http-proxy.ts";
import { type Random, seeded } from "../kit/random.ts";

/** `STRM_FAULTS=20` is the long run: so many jobs for each fault. */
const JOBS = Number(process.env.STRM_FAULTS ?? 2);
const LINES = 6000;
/** Of the events, some are refused and wait in the quarantine. */
const REFUSED_SOME = 5;

const faults: Readonly<Record<string, HttpFault | "refused">> = {
  "connection refused": "refused",
  "connection reset": "reset",
  "cut upload": { cutAfterBytes: 1000 },
  "lost reply": "lose reply",
  "black hole": "black hole",
  "slow link": { bytesPerSecond: 100_000 },
};

describe.each(bucketKinds)("buckets of $name", ({ canRun, place }) => {
  const timeoutMs = 60_000 + JOBS * 60_000;
  test.skipIf(!canRun).each(Object.entries(faults))("%s", { timeout: timeoutMs }, async (_, how) => {
    const seed = Number(process.env.STRM_SEED ?? Date.now() % 1_000_000);
    const random = seeded(seed);
    const { endpoint, storeAt, readBack } = await place();
    const proxy = await HttpProxy.to(endpoint);
    try {
      for (let job = 0; job < JOBS; job++) {
        const store = await storeAt(proxy.endpoint);
        const proof = makeBucketProof(store, random.next(), LINES);
        const story = await live(proof, proxy, how, random);
        const objects = await readBack(store.bucket);
        try {
          checkObjects(proof, objects);
        } catch (error) {
          throw new Error(`seed ${seed}, job ${job}: ${story}`, { cause: error });
        }
      }
    } finally {
      await proxy.close();
    }
  });
});

/** Until the job has come to its end: a fault at some request, in two of three cases a kill soon after it, and another run. */
async function live(
  proof: BucketProof,
  proxy: HttpProxy,
  how: HttpFault | "refused",
  random: Random,
): Promise<string> {
  const story: string[] = [];
  for (let runs = 0; ; runs++) {
    const at = 1 + random.below(25);
    const kills = runs < 3 && random.below(3) > 0;
    const killAfterMs = random.below(400);
    story.push(`at request ${at}${kills ? `, killed ${killAfterMs} ms later` : ""}`);
    const { met, lift } =
      how === "refused" ? refusing(proxy, at, random.below(1500)) : faulty(proxy, how, at);
    const { code, told } = await runBucketProof(proof, kills ? met : undefined, killAfterMs);
    await lift();
    if (code === REFUSED_SOME) return story.join("; ");
    expect(code, `${story.join("; ")}\n${told}`).toBeNull();
  }
}

interface Trouble {
  readonly met: Promise<unknown>;
  readonly lift: () => Promise<void> | void;
}

function faulty(proxy: HttpProxy, how: HttpFault, nth: number): Trouble {
  const fault: Fault = proxy.fault({ how, nth, times: 1 + (nth % 3) });
  return { met: fault.met, lift: () => fault.lift() };
}

/** Nobody listens for a while, from so many requests on. */
function refusing(proxy: HttpProxy, nth: number, forMs: number): Trouble {
  const from = proxy.asked.length + nth;
  const met = Promise.withResolvers<void>();
  let ends: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (proxy.asked.length < from) return;
    clearInterval(timer);
    ends = proxy
      .refuse()
      .then(() => met.resolve())
      .then(() => new Promise<void>((resolve) => setTimeout(resolve, forMs)))
      .then(() => proxy.accept());
  }, 5);
  return {
    met: met.promise,
    lift: async () => {
      clearInterval(timer);
      await ends;
    },
  };
}
