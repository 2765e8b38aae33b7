// `npm run bench`: whole runs of the product over generated events, rounds interleaved, medians and ratios printed.
import { spawn } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoEvents } from "../kit/demo-events.ts";

const EVENTS = Number(process.env.STRM_BENCH_EVENTS ?? 500_000);
const ROUNDS = Number(process.env.STRM_BENCH_ROUNDS ?? 5);

const root = fileURLToPath(new URL("../..", import.meta.url));
const lab = join(process.env.STRM_BENCH_DIR ?? tmpdir(), "strm-bench");

/** Job E seals three fields into one output; job P adds two outputs opened by consent. */
const contract = `
contract demo as "strmprivacy/example/1.3.0" from "demo-event.avsc" {
  consistentValue         @key @pii(2)
  uniqueIdentifier        @pii(1)
  someSensitiveValue      @pii(3)
  strmMeta.consentLevels  @consent
  strmMeta.timestamp      @time
}
source events of demo from file { path = "demo.jsonl" }
encrypt events into safe { rotate = daily }
sink safe into file { path = "out/safe.jsonl", overwrite = true }
`;
const opened = `
decrypt safe into one for cumulative(1)
decrypt safe into two for cumulative(2)
sink one into file { path = "out/one.jsonl", overwrite = true }
sink two into file { path = "out/two.jsonl", overwrite = true }
`;
const cases = { E: contract, P: contract + opened } as const;
type Case = keyof typeof cases;

interface Figures {
  readonly wallMs: number;
  readonly runMs: number;
  readonly peakMb: number;
}

async function makeData(): Promise<void> {
  mkdirSync(lab, { recursive: true });
  writeFileSync(join(lab, "demo-event.avsc"), readFileSync(join(root, "pipelines/schemas/demo-event.avsc")));
  for (const [name, program] of Object.entries(cases)) writeFileSync(join(lab, `${name}.strm`), program);
  const file = join(lab, "demo.jsonl");
  const mark = join(lab, `demo-${EVENTS}.made`);
  if (existsSync(mark)) return;
  const out = createWriteStream(file);
  for (const chunk of demoEvents(EVENTS)) {
    if (!out.write(chunk)) await new Promise((resolve) => out.once("drain", resolve));
  }
  await new Promise((resolve) => out.end(resolve));
  writeFileSync(mark, "");
}

/** One run as a whole process; the peak memory is what the run reports of itself. */
function run(name: Case): Promise<Figures> {
  rmSync(join(lab, ".strm"), { recursive: true, force: true });
  const start = performance.now();
  const args = [join(root, "dist/cli/bin.js"), "run", join(lab, `${name}.strm`), "--output", "json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      if (code !== 0) return reject(new Error(`job ${name} ended with ${code}`));
      const events = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      const residents = events.flatMap((event) =>
        event.ledger === undefined ? [] : [event.ledger.resident_bytes],
      );
      resolve({
        wallMs: performance.now() - start,
        runMs: events.at(-1).ledger.elapsed_ms,
        peakMb: Math.max(...residents) / 1e6,
      });
    });
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const print = (line: string) => process.stdout.write(`${line}\n`);

await makeData();
const bytes = statSync(join(lab, "demo.jsonl")).size;
print(
  `${EVENTS} events, ${(bytes / EVENTS).toFixed(0)} bytes each, ${ROUNDS} rounds, Node ${process.version}`,
);
const figures: Record<Case, Figures[]> = { E: [], P: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const name of ["E", "P"] as const) figures[name].push(await run(name));
}
print("job   events/s (median)   spread            whole process   peak memory");
for (const name of ["E", "P"] as const) {
  const rates = figures[name].map(({ runMs }) => EVENTS / (runMs / 1000));
  const whole = median(figures[name].map(({ wallMs }) => EVENTS / (wallMs / 1000)));
  const peak = Math.max(...figures[name].map(({ peakMb }) => peakMb));
  const spread = `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`;
  print(
    [
      name.padEnd(5),
      median(rates).toFixed(0).padEnd(19),
      spread.padEnd(17),
      whole.toFixed(0).padEnd(15),
      `${peak.toFixed(0)} MB`,
    ].join(" "),
  );
}
const ratio = median(figures.P.map(({ runMs }) => runMs)) / median(figures.E.map(({ runMs }) => runMs));
print(`P takes ${ratio.toFixed(2)} × the time of E.`);
