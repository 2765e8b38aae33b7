// A pipeline whose every output is known beforehand, to be broken off anywhere and compared at the end.
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { expect } from "vitest";
import { strm } from "./cli.ts";
import { quotedCell, rowsIn } from "./csv.ts";
import { emptyFolder, linesOf, writeFiles } from "./folder.ts";
import { openForeign, readKeysets } from "./foreign-tink.ts";
import { seeded } from "./random.ts";

/** `csv`: files of it, each packed otherwise, and one of the sinks writes it, too. */
export type ProofInput = "file" | "stdin" | "csv" | "bucket";

/** Where the events of `bucket` are: the objects stand under the names of the files in the proof's folder. */
export interface ProofBucket {
  /** As it stands in the program, behind `from`. */
  readonly source: string;
  readonly env: Readonly<Record<string, string>>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

const SOURCES: Readonly<Record<Exclude<ProofInput, "bucket">, string>> = {
  file: 'file { path = "in/*.jsonl" }',
  stdin: "stdin { resend = true }",
  csv: 'file { path = "in/*.csv", format = csv }',
};

/** The sink whose parts are made by the clock. */
const timedOf = (input: ProofInput) => (input === "csv" ? "timed.csv" : "timed.jsonl");

/** Of the events of all proofs. */
export const visitContract = `contract visit as "acme/visit/1.0.0" {
  seq: long
  session: string      @key @pii(1)
  email: string?       @pii(2)
  at: long             @time
  consents: int[]      @consent
}`;

const PROGRAM = (input: ProofInput, source: string) => `
${visitContract}

source visits of visit from ${source}
encrypt visits into safe { rotate = 24h }
decrypt safe into some for granular(1)
decrypt safe into few for granular(1, 2)

sink safe      into file { path = "out/safe.jsonl" }
sink safe.keys into file { path = "out/keys.csv" }
sink some      into file { path = "out/some.jsonl.zst", max_size = 256KiB, compress = zstd }
sink few       into file { path = "out/few.jsonl.gz", compress = gzip }
sink few       into file { path = "out/${timedOf(input)}", every = 150ms }
`;

interface Visit {
  readonly seq: number;
  readonly session: string;
  readonly email: string | null;
  readonly at: number;
  readonly consents: readonly number[];
}

/** The events that one key link has sealed. */
interface SeenLink {
  readonly session: string;
  readonly times: number[];
}

export interface Proof {
  readonly folder: string;
  readonly input: ProofInput;
  readonly env: Readonly<Record<string, string>>;
  readonly lines: number;
  readonly visits: readonly Visit[];
  /** Lines that are no event, and stay in the quarantine. */
  readonly broken: number;
}

const START_MS = Date.UTC(2026, 5, 1);
const DAYS = 3;
const FILES: Readonly<Record<ProofInput, number>> = { file: 3, stdin: 1, csv: 3, bucket: 40 };

/** As `makeProof`, with the events in a bucket, packed or not. */
export async function makeBucketProof(bucket: ProofBucket, seed: number, lines: number): Promise<Proof> {
  const proof = makeProof("bucket", seed, lines, bucket);
  for (const [i, name] of readdirSync(join(proof.folder, "in")).entries()) {
    const bytes = readFileSync(join(proof.folder, "in", name));
    const pack = [gzipSync, zstdCompressSync][i % 4];
    await bucket.put(`in/${name}`, pack?.(bytes) ?? bytes);
  }
  return proof;
}

/** Several files, or one for stdin; one line in a hundred is broken, and some events come late. */
export function makeProof(
  input: ProofInput,
  seed: number,
  lines: number,
  bucket?: Omit<ProofBucket, "put">,
): Proof {
  const folder = emptyFolder();
  const random = seeded(seed);
  const visits: Visit[] = [];
  const texts: string[] = [];
  for (let seq = 0; seq < lines; seq++) {
    const lateMs = random.below(20) === 0 ? random.below(36 * 3_600_000) : 0;
    const visit = {
      seq,
      session: `session${input === "csv" ? "\r\n" : "-"}${random.below(200)}`,
      email: random.below(5) === 0 ? null : `someone-${random.below(1000)}@example.com`,
      at: START_MS + Math.floor((seq / lines) * DAYS * 86_400_000) - lateMs,
      consents: [0, 1, 2].filter(() => random.below(3) > 0),
    };
    if (random.below(100) === 0) texts.push(input === "csv" ? `${seq},"s"x,` : `{"seq":${seq},"session":`);
    else {
      visits.push(visit);
      texts.push(input === "csv" ? rowOf(visit) : JSON.stringify(visit));
    }
  }
  const perFile = Math.ceil(lines / FILES[input]);
  const files: Record<string, string | Uint8Array> = {};
  for (let i = 0; i * perFile < lines; i++) {
    const text = `${texts.slice(i * perFile, (i + 1) * perFile).join("\n")}\n`;
    if (input === "csv") files[`in/visits-${i}.csv`] = packers[i % packers.length]!(`${HEADER}\n${text}`);
    else files[nameOf(i)] = text;
  }
  const source = input === "bucket" ? (bucket?.source ?? "") : SOURCES[input];
  writeFiles(folder, { ...files, "proof.strm": PROGRAM(input, source) });
  return { folder, input, env: bucket?.env ?? {}, lines, visits, broken: lines - visits.length };
}

const HEADER = "seq,session,email,at,consents";
const packers = [Buffer.from, gzipSync, zstdCompressSync] as const satisfies readonly ((
  text: string,
) => Uint8Array)[];

function rowOf({ seq, session, email, at, consents }: Visit): string {
  return [seq, quotedCell(session), email ?? "", at, quotedCell(JSON.stringify(consents))].join(",");
}

/** Where a proof's stdin comes from. */
export const inputOf = ({ folder }: Proof): string => join(folder, nameOf(0));

const nameOf = (i: number): string => `in/visits-${String(i).padStart(2, "0")}.jsonl`;

/** What stands in the parts of a name, one after the other; only visible files. */
export function partsOf(folder: string, name: string): string {
  const [stem = "", ...extension] = name.split(".");
  const names = readdirSync(join(folder, "out")).filter(
    (each) => each.startsWith(stem) && each.endsWith(`.${extension.join(".")}`),
  );
  return names
    .sort()
    .map((each) => unpacked(join(folder, "out", each)))
    .join("");
}

function unpacked(path: string): string {
  const bytes = readFileSync(path);
  if (path.endsWith(".gz")) return gunzipSync(bytes).toString();
  return path.endsWith(".zst") ? zstdDecompressSync(bytes).toString() : bytes.toString();
}

const outputsOf = (input: ProofInput) => ["safe.jsonl", "some.jsonl.zst", "few.jsonl.gz", timedOf(input)];

interface SeenEvent {
  readonly seq: number;
  readonly session: string;
  readonly email: string | null;
  readonly at: number;
  readonly strmMeta: { readonly keyLink: string };
}

/** The events of one part or of several; each part of CSV begins with its header. */
function eventsIn(name: string, text: string): readonly SeenEvent[] {
  if (!name.endsWith(".csv"))
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const [header = [], ...rows] = rowsIn(text);
  const names = header.map((cell) => cell.text);
  expect(names.slice(0, 5).join()).toBe(HEADER);
  const key = names.indexOf("strmMeta.keyLink");
  const events = rows.filter((row) => row.some((cell, i) => cell.text !== names[i]));
  return events.map(([seq, session, email, at, ...more]) => ({
    seq: Number(seq?.text),
    session: session?.text ?? "",
    email: email?.text === "" ? null : (email?.text ?? null),
    at: Number(at?.text),
    strmMeta: { keyLink: more[key - 4]?.text ?? "" },
  }));
}

/** Whatever is visible while the job isn't done is whole: it unpacks, and holds whole lines in their order. */
export function checkVisible({ folder }: Proof): void {
  let names: readonly string[];
  try {
    names = readdirSync(join(folder, "out")).filter((name) => !name.startsWith("."));
  } catch {
    return;
  }
  for (const name of names.filter((each) => !each.startsWith("keys"))) {
    const text = unpacked(join(folder, "out", name));
    expect(text === "" || text.endsWith("\n"), name).toBe(true);
    const seqs = eventsIn(name, text).map(({ seq }) => seq);
    expect(seqs, name).toEqual(seqs.toSorted((a, b) => a - b));
  }
}

/** Every event exactly once in every output where it belongs, in order, and nowhere else; the ledger accounts for all of them. */
export async function checkDone(proof: Proof): Promise<void> {
  const { folder, visits, broken, lines } = proof;
  checkOutputs(proof);
  await checkLedger(folder, { lines, broken, sealed: visits.length });
  await checkAgainstUnbroken(proof);
}

function checkOutputs({ folder, input, visits }: Proof): void {
  const keysets = readKeysets(linesOf(folder, "out/keys.csv").join("\n"));
  const byLink = new Map(keysets.map((row) => [`${row.keyLink} ${row.purpose}`, row]));
  expect(byLink.size).toBe(keysets.length);
  const read = (name: string) => eventsIn(name, partsOf(folder, name));
  const opened = (event: { strmMeta: { keyLink: string } }, purpose: number, path: string, value: string) => {
    const row = byLink.get(`${event.strmMeta.keyLink} ${purpose}`);
    if (row === undefined) throw new Error(`there is no keyset for ${event.strmMeta.keyLink}`);
    return openForeign(row, path, value);
  };
  const links = new Map<string, SeenLink>();
  const check = (name: string, purposes: readonly number[]): void => {
    const expected = visits.filter(({ consents }) => purposes.every((purpose) => consents.includes(purpose)));
    const events = read(name);
    expect(
      events.map(({ seq }) => seq),
      name,
    ).toEqual(expected.map(({ seq }) => seq));
    for (const [i, event] of events.entries()) {
      const visit = expected[i];
      const session = purposes.includes(1) ? event.session : opened(event, 1, "session", event.session);
      const clear = purposes.includes(2) || event.email === null;
      const email = clear ? event.email : opened(event, 2, "email", event.email);
      expect({ session, email }).toEqual({ session: visit?.session, email: visit?.email });
      const { keyLink } = event.strmMeta;
      const link: SeenLink = links.get(keyLink) ?? { session, times: [] };
      expect(link.session).toBe(session);
      link.times.push(event.at);
      links.set(keyLink, link);
    }
  };
  check("safe.jsonl", []);
  check("some.jsonl.zst", [1]);
  check("few.jsonl.gz", [1, 2]);
  check(timedOf(input), [1, 2]);
  for (const { times } of links.values()) {
    const [first = 0, last = 0] = [
      times.reduce((a, b) => Math.min(a, b)),
      times.reduce((a, b) => Math.max(a, b)),
    ];
    expect(last - first).toBeLessThan(86_400_000);
  }
}

async function checkLedger(
  folder: string,
  { lines, broken, sealed }: { readonly lines: number; readonly broken: number; readonly sealed: number },
): Promise<void> {
  const { stdout } = await strm(["state", join(folder, "proof.strm"), "--json"]);
  const [job] = JSON.parse(stdout).jobs;
  expect(job).toMatchObject({ status: "completed", ledger: { balanced: true } });
  const step = (name: string) => job.ledger.steps.find((each: { name: string }) => each.name === name);
  expect(step("visits")).toMatchObject({ in: lines, out: sealed, rejected: broken });
  for (const each of job.ledger.steps) expect(each.in_flight, each.name).toBe(0);
  expect(step("safe->file")).toMatchObject({ in: sealed, out: sealed });
  // A run that was killed right behind its end is followed by one that starts over, and leaves as much again.
  for (const run of job.quarantine) expect(run.waiting).toBe(broken);
  expect(job.quarantine.map(({ run }: { run: string }) => run)).toContain(job.first_run);
}

/** A run that nothing happens to, with the same keys, writes the same bytes. */
async function checkAgainstUnbroken(proof: Proof): Promise<void> {
  const { folder, input, env } = proof;
  const other = emptyFolder();
  mkdirSync(join(other, "in"));
  mkdirSync(join(other, ".strm"), { mode: 0o700 });
  const copied = [
    "proof.strm",
    ".strm/keys.db",
    ".strm/master.jwk",
    ...readdirSync(join(folder, "in")).map((name) => join("in", name)),
  ];
  for (const path of copied) copyFileSync(join(folder, path), join(other, path));
  const stdin = input === "stdin" ? readFileSync(inputOf(proof)) : "";
  const { stderr } = await strm(["run", join(other, "proof.strm")], { stdin, env });
  expect(stderr).toContain("The ledger balances");
  const text = (where: string, name: string) => JSON.stringify(eventsIn(name, partsOf(where, name)));
  for (const name of outputsOf(input)) {
    // Where parts end by the clock, headers stand elsewhere.
    const same = name.endsWith(".csv")
      ? text(folder, name) === text(other, name)
      : partsOf(folder, name) === partsOf(other, name);
    expect(same, basename(name)).toBe(true);
  }
  const rows = (where: string) => linesOf(where, "out/keys.csv").sort();
  expect(rows(folder)).toEqual(rows(other));
}
