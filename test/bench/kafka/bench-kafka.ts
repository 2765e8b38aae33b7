// `npm run bench:kafka`: measures pipelines between topics on a broker of this machine. `--only WHAT`, `--events N`, `--rounds N`.
import process from "node:process";
import { parseArgs } from "node:util";
import { measureLatency } from "./latency.ts";
import { measureMemory } from "./memory.ts";
import { measureRebalance } from "./rebalance.ts";
import { onScene } from "./scene.ts";
import { measureThroughput } from "./throughput.ts";
import { measureBucketMemory, measureBucketRounds } from "./to-bucket.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    events: { type: "string", default: "400000" },
    rounds: { type: "string", default: "5" },
    lag: { type: "string", default: "5000000" },
  },
});
const wants = (what: string): boolean => values.only === undefined || values.only === what;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const median = (figures: readonly number[]): number =>
  figures.toSorted((one, other) => one - other)[figures.length >> 1] ?? 0;
const whole = (figure: number): string => Math.round(figure).toLocaleString("en");

if (wants("throughput")) {
  const rounds = await onScene((scene) =>
    measureThroughput(scene, Number(values.events), Number(values.rounds)),
  );
  print(
    `topic to topic, exactly once, three fields sealed; ${whole(Number(values.events))} events a round, medians of ${rounds.length}:`,
  );
  print(`  the bare client          ${whole(median(rounds.map(({ bare }) => bare)))} events/s`);
  for (const [title, of] of [
    ["strm, one worker ", "strm"],
    ["strm, two workers", "strmTwoWorkers"],
  ] as const) {
    const ratios = rounds.map((round) => round[of] / round.bare);
    const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    print(
      `  ${title}        ${whole(median(rounds.map((round) => round[of])))} events/s, ${median(ratios).toFixed(2)} of it (${spread})`,
    );
  }
}
if (wants("bucket")) {
  const rounds = await onScene((scene) =>
    measureBucketRounds(scene, Number(values.events), Number(values.rounds)),
  );
  print(
    `topic to S3, JSON lines; ${whole(Number(values.events))} events a round, medians of ${rounds.length}:`,
  );
  print(`  a consumer that counts   ${whole(median(rounds.map(({ counted }) => counted)))} events/s`);
  for (const [title, of] of [
    ["strm, nothing sealed", "copied"],
    ["strm, three sealed  ", "sealed"],
  ] as const) {
    const ratio = median(rounds.map((round) => round[of] / round.counted)).toFixed(2);
    print(`  ${title}     ${whole(median(rounds.map((round) => round[of])))} events/s, ${ratio} of it`);
  }
}
if (wants("bucket-memory")) {
  const { peakBytes, largestBytes, objects } = await onScene((scene) =>
    measureBucketMemory(scene, Number(values.lag)),
  );
  print(
    `${objects} objects of up to ${whole(largestBytes / 1e6)} MB: peak memory ${whole((peakBytes ?? 0) / 1e6)} MB`,
  );
}
if (wants("latency")) {
  const { p50Ms, p99Ms, maxMs, events } = await onScene((scene) => measureLatency(scene, 1000, 30));
  print(
    `sent to read, 1,000 events a second, ${whole(events)} events: p50 ${p50Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms`,
  );
}
if (wants("rebalance")) {
  const { steadyMs, joinMs, leaveMs, deathMs, sessionTimeoutMs } = await onScene(measureRebalance);
  print(
    `longest way of an event at 1,000 events a second: steady ${steadyMs} ms; a replica joins ${joinMs} ms, leaves ${leaveMs} ms, dies ${deathMs} ms (session_timeout ${sessionTimeoutMs} ms)`,
  );
}
if (wants("memory")) {
  for (const workers of [1, 2]) {
    const { peakBytes, events, seconds } = await onScene((scene) =>
      measureMemory(scene, Number(values.lag), workers),
    );
    print(
      `a lag of ${whole(events)} events, ${workers} worker(s): peak ${whole((peakBytes ?? 0) / 1e6)} MB, done in ${seconds} s`,
    );
  }
}
