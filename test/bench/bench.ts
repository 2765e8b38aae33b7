// `npm run bench`: runs each case as a whole process, in interleaved rounds, and prints medians, spreads and ratios.
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import type { Case } from "./cases/case.ts";
import { casesFor, comparisons } from "./cases/cases.ts";
import { chooseCases } from "./cases/choose.ts";
import { caseContender } from "./contenders/case-contender.ts";
import type { Contender } from "./contenders/contender.ts";
import { jobOf, type Peer, peerContender } from "./contenders/peer-contender.ts";
import { type DataFile, dataFile } from "./data/cache.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { rawFigures } from "./report/raw.ts";
import { report } from "./report/report.ts";
import { runRounds } from "./rounds.ts";

const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

try {
  const options = readOptions(process.argv.slice(2));
  process.stdout.write(options.help ? usage : await bench(options));
} catch (error) {
  tell(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function bench({ events, rounds, cases: wanted, peers, json }: Options): Promise<string> {
  const all = casesFor(events);
  const cases = chooseCases(all, wanted.length === 0 ? [] : [...wanted, ...peers.map(jobOf)]);
  const contenders = [
    ...cases.map((each) => caseContender(each, fileOf(each))),
    ...peers.map((peer) => peerIn(cases, peer)),
  ];
  const races = peers.map((peer) => ({ what: `${peer.name} against strm`, of: peer.name, to: jobOf(peer) }));
  // The signal reaches the running process too, which ends; what it wrote is then removed before we end.
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("interrupted")));
  const figures = await runRounds(contenders, rounds, stop.signal, tell);
  if (json !== undefined) writeFileSync(json, rawFigures(contenders, figures));
  const machine = `Node ${process.version}, cores: ${availableParallelism()}, ${cpus()[0]?.model}`;
  return `${events.toLocaleString("en")} events, rounds: ${rounds}, median (least–most). ${machine}

${report({ cases, contenders, comparisons: [...comparisons, ...races], figures })}`;
}

function fileOf({ data }: Case): DataFile {
  return dataFile(data, tell);
}

function peerIn(cases: readonly Case[], peer: Peer): Contender {
  const job = cases.find(({ name }) => name === jobOf(peer));
  if (job === undefined) throw new Error(`there is no job for ${peer.name}`);
  return peerContender(peer, job, fileOf(job));
}
