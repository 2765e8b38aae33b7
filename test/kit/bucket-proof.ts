// A pipeline whose events stand in files and in buckets, so that each object can be held against what it must contain, whatever happened on the way.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { emptyFolder, linesOf, writeFiles } from "./folder.ts";
import { visitContract } from "./proof-pipeline.ts";
import { seeded } from "./random.ts";
import type { ReadObject } from "./read-back.ts";

const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));

/** A store as a pipeline names it. */
export interface ProofStore {
  /** The connector. */
  readonly name: "s3" | "gcs";
  readonly bucket: string;
  /** Options of every sink, such as the endpoint. */
  readonly options: string;
  readonly env: Readonly<Record<string, string>>;
}

const PROGRAM = ({ name, bucket, options }: ProofStore) => `
${visitContract}

source visits of visit from file { path = "in/*.jsonl" }
encrypt visits into safe { rotate = daily }
decrypt safe into some for granular(1)

sink safe      into file { path = "out/safe.jsonl" }
sink some      into file { path = "out/some.jsonl" }
sink safe.keys into file { path = "out/keys.csv" }
sink safe      into ${name} { bucket = "${bucket}", prefix = "safe", max_events = 700, ${options} }
sink some      into ${name} { bucket = "${bucket}", prefix = "some", by = "day=%Y-%m-%d", max_size = 64KiB, compress = gzip, ${options} }
sink safe.keys into ${name} { bucket = "${bucket}", prefix = "keys", ${options} }
`;

const START_MS = Date.UTC(2026, 5, 1);

export interface BucketProof {
  readonly folder: string;
  readonly store: ProofStore;
}

/** Lines over three days, of which some come late and one in a hundred is no event. */
export function makeBucketProof(store: ProofStore, seed: number, lines: number): BucketProof {
  const folder = emptyFolder();
  const random = seeded(seed);
  const texts = Array.from({ length: lines }, (_, seq) => {
    if (random.below(100) === 0) return `{"seq":${seq},"session":`;
    const lateMs = random.below(20) === 0 ? random.below(36 * 3_600_000) : 0;
    return JSON.stringify({
      seq,
      session: `session-${random.below(50)}`,
      email: random.below(5) === 0 ? null : `someone-${random.below(1000)}@example.com`,
      at: START_MS + Math.floor((seq / lines) * 3 * 86_400_000) - lateMs,
      consents: [0, 1, 2].filter(() => random.below(3) > 0),
    });
  });
  writeFiles(folder, { "in/visits.jsonl": `${texts.join("\n")}\n`, "proof.strm": PROGRAM(store) });
  return { folder, store };
}

export interface BucketRun {
  /** Null: it was killed. */
  readonly code: number | null;
  /** The last that it told. */
  readonly told: string;
}

/** Runs it in a process of its own; `kill` resolves when that is to be killed. */
export async function runBucketProof(
  { folder, store }: BucketProof,
  kill: Promise<unknown> = new Promise(() => {}),
  killAfterMs = 0,
): Promise<BucketRun> {
  const args = ["run", join(folder, "proof.strm"), "--checkpoint-every", "100ms", "--output", "json"];
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env.PATH ?? "", ...store.env },
  });
  let told = "";
  child.stdout.on("data", (chunk: Buffer) => {
    told = (told + chunk).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  void kill.then(() => sleep(killAfterMs)).then(() => child.kill("SIGKILL"));
  return { code: await ended, told };
}

/** Every event in exactly one object, and byte for byte what the files of the same run hold; each in the folder of its day, and no object cut. */
export function checkObjects({ folder }: BucketProof, objects: readonly ReadObject[]): void {
  const below = (prefix: string) => objects.filter(({ key }) => key.startsWith(`${prefix}/`));
  expect(objects.length).toBe(below("safe").length + below("some").length + below("keys").length);
  const lines = (all: readonly ReadObject[]) => all.flatMap((object) => object.lines);
  const same = (found: readonly string[], name: string) => {
    const expected = linesOf(folder, `out/${name}`);
    expect(found.length, name).toBe(expected.length);
    expect(found.toSorted().join("\n") === expected.toSorted().join("\n"), name).toBe(true);
  };
  same(lines(below("safe")), "safe.jsonl");
  same(lines(below("some")), "some.jsonl");
  for (const object of below("safe")) expect(object.lines.length, object.key).toBeLessThanOrEqual(700);
  for (const object of below("some")) {
    const day = /day=([\d-]+)\//.exec(object.key)?.[1];
    for (const line of object.lines) {
      expect(new Date(JSON.parse(line).at).toISOString().slice(0, 10)).toBe(day);
    }
  }
  const header = '"keyLink","purpose","encryptionKey"';
  const rows = lines(below("keys")).filter((row) => row !== header);
  same([header, ...rows], "keys.csv");
}
