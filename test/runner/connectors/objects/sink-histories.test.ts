// Whole jobs over a bucket that loses requests and answers, with checkpoints that come to nothing and runs that die anywhere: each event is in exactly one object.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import type { Detail, Sink } from "../../../../runner/connectors/delivery.ts";
import { type ObjectSinkOptions, openObjectSink } from "../../../../runner/connectors/objects/sink.ts";
import { TransientFailure } from "../../../../runner/failure.ts";
import { cutOf, stored } from "../../../conformance/sink.ts";
import { sinkContext } from "../../../kit/contexts.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { MemoryObjects } from "../../../kit/memory-objects.ts";
import { type Random, seeded } from "../../../kit/random.ts";

/** `STRM_HISTORIES=500` is the long run. */
const HISTORIES = Number(process.env.STRM_HISTORIES ?? 10);

const forms: readonly Partial<ObjectSinkOptions>[] = [
  { max_events: 3 },
  { max_size: 60 },
  { max_events: 5, by: "%H" },
  { max_size: 80, by: "%M", compress: "gzip" },
];

/** Numbered lines, one a minute, some of them late; of two partitions. */
function eventsFrom(first: number, count: number): { readonly bytes: Buffer; readonly detail: Detail } {
  const lines = Array.from({ length: count }, (_, i) => `{"n":${first + i}}\n`);
  let end = 0;
  return {
    bytes: Buffer.from(lines.join("")),
    detail: {
      frames: {
        ends: Int32Array.from(lines, (line) => (end += line.length)),
        records: Int32Array.from(lines.keys()),
        timesMs: Float64Array.from(lines, (_, i) => 60_000 * (first + i - ((first + i) % 7 === 0 ? 90 : 0))),
        linkEnds: new Int32Array(count),
        links: new Uint8Array(0),
      },
      from: { origin: `clicks/${first % 2}`, firstLine: 1 + first, readTimeMs: 0 },
    },
  };
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientFailure) || tries > 200) throw error;
    }
  }
}

/** A job from its start to its end; tells what it did. */
async function live(random: Random, options: Partial<ObjectSinkOptions>, bounded: boolean): Promise<void> {
  const folder = emptyFolder();
  const store = new MemoryObjects();
  const unlucky = random.below(3) * 2;
  store.trouble = () => {
    if (random.below(10) < unlucky) throw new TransientFailure("bucket.unreachable", "Gone.", "Wait.");
  };
  const all = { prefix: "", max_size: 1 << 20, name: "{id}", compress: "none", overwrite: false } as const;
  const open = (resume: Json | undefined) =>
    openObjectSink(
      { ...all, ...options },
      sinkContext(folder, { bounded, ...(resume !== undefined && { resume }) }),
      store,
    );
  const total = 20 + random.below(60);
  const told = new Map<number, number>();
  let recorded: { readonly state: Json; readonly written: number; readonly checkpoint: number } | undefined;
  const story: string[] = [];
  const commit = async (sink: Sink): Promise<void> => {
    const { events } = await patiently(() => sink.commit());
    const checkpoint = recorded?.checkpoint ?? 0;
    expect(told.get(checkpoint) ?? events, story.join(", ")).toBe(events);
    told.set(checkpoint, events);
  };
  const run = async (): Promise<boolean> => {
    let written = recorded?.written ?? 0;
    const sink = await open(recorded?.state);
    story.push(`open at ${recorded?.checkpoint}`);
    if (recorded !== undefined) await commit(sink);
    for (;;) {
      const step = random.below(12);
      const ends = step === 11 || (written === total && step > 5);
      if (step < 6) {
        const count = Math.min(total - written, 1 + random.below(9));
        if (count === 0) continue;
        const { bytes, detail } = eventsFrom(written, count);
        await patiently(() => sink.write(bytes, count, detail));
        written += count;
        story.push(`write to ${written}`);
      } else if (step < 10 || ends) {
        const prepared = sink.prepare(cutOf((recorded?.checkpoint ?? 0) + 1, ends));
        const state = await prepared.then(stored, (error) => {
          if (!(error instanceof TransientFailure)) throw error;
        });
        if (state === undefined) continue;
        const fate = random.below(8);
        story.push(`prepare${ends ? " to end" : ""} (${fate})`);
        if (fate === 0 && !ends) continue;
        if (fate === 1) break;
        recorded = { state, written, checkpoint: (recorded?.checkpoint ?? 0) + 1 };
        if (fate === 2) break;
        // Broken off within the commit, at any point of it.
        if (fate === 3) {
          const committing = sink.commit().catch(() => {});
          await sleep(random.below(5));
          await sink.close();
          await committing;
          return false;
        }
        await commit(sink);
        if (!ends) continue;
        await sink.close();
        return written === total;
      } else if (random.below(3) === 0) break;
    }
    story.push("breaks off");
    await sink.close();
    return false;
  };
  while (!(await run()));
  const lines = [...store.objects.values()].flatMap(({ bytes, contentType }) =>
    (contentType === "application/gzip" ? unpacked(bytes) : bytes.toString()).trim().split("\n"),
  );
  const numbers = lines.map((line) => JSON.parse(line).n).sort((a, b) => a - b);
  expect(numbers, story.join(", ")).toEqual(Array.from({ length: total }, (_, i) => i));
  expect(
    [...told.values()].reduce((sum, events) => sum + events, 0),
    story.join(", "),
  ).toBe(total);
  const spool = join(folder, ".strm", "spool", "a1b2c3d4-safe-%3Efile");
  const left = existsSync(spool) ? readdirSync(spool) : [];
  expect(left.filter((name) => !name.endsWith(".done"))).toEqual([]);
}

function unpacked(bytes: Buffer): string {
  return gunzipSync(bytes).toString();
}

test.each(forms)("%j", { timeout: 30_000 + HISTORIES * 2000 }, async (options) => {
  const seed = Number(process.env.STRM_SEED ?? Date.now() % 1_000_000);
  const random = seeded(seed);
  for (let i = 0; i < HISTORIES; i++) {
    await live(random, options, i % 2 === 0).catch((error) => {
      throw new Error(`seed ${seed}, history ${i}`, { cause: error });
    });
  }
});
