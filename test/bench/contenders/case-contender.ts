// A case as a contender: the pipeline is written into a scratch folder and run there as a whole process.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../../runner/index.ts";
import { freePorts } from "../../kit/ports.ts";
import type { Case } from "../cases/case.ts";
import type { DataFile } from "../data/cache.ts";
import type { Contender, Figure } from "./contender.ts";
import type { KernelTimes } from "./kernel-process.ts";
import { meter } from "./meter.ts";
import { lookOn } from "./onlookers.ts";
import { inScratch } from "./scratch.ts";

const bin = fileURLToPath(new URL("../../../dist/cli/bin.js", import.meta.url));
const terminal = fileURLToPath(new URL("./terminal.py", import.meta.url));
const kernelProcess = fileURLToPath(new URL("./kernel-process.ts", import.meta.url));

/** How each kind of case is run in a folder, where its pipeline stands as `case.strm`. */
const kinds = {
  run: measureRun,
  kernel: measureKernel,
  pipe: measurePipe,
  watched: measureWatched,
  served: measureServed,
} as const;

export function caseContender(bench: Case, file: DataFile): Contender {
  return {
    name: bench.name,
    events: bench.data.events,
    bytes: file.bytes,
    measure: () =>
      inScratch((folder) => {
        writeFileSync(join(folder, "case.strm"), bench.program(file.path));
        return kinds[bench.kind](bench, file, folder);
      }),
  };
}

async function measureRun(
  { name, workers, data }: Case,
  _: DataFile,
  folder: string,
  more: readonly string[] = [],
): Promise<Figure> {
  const flags = ["--output", "json", "--workers", String(workers), ...more];
  const metered = await meter([process.execPath, bin, "run", "case.strm", ...flags], { folder });
  const last: RunEvent = JSON.parse(metered.stdout.trimEnd().split("\n").at(-1) ?? "");
  // What is fast because it does something else must not pass for fast.
  const source =
    last.type === "finished" ? last.ledger.steps.find(({ kind }) => kind === "source") : undefined;
  if (source?.out !== data.events)
    throw new Error(`${name} passed on ${source?.out} of ${data.events} events`);
  return { ...figureOf(metered), firstOutMs: null };
}

/** The terminal's own process counts too: some hundredths of a second. */
async function measureWatched({ name, workers, data }: Case, _: DataFile, folder: string): Promise<Figure> {
  const flags = ["--output", "tui", "--workers", String(workers)];
  const command = [process.execPath, bin, "run", "case.strm", ...flags];
  const metered = await meter(["python3", terminal, "80", "24", ...command], { folder });
  if (!metered.stdout.includes(`: ${data.events.toLocaleString("en")} events read`))
    throw new Error(`${name} did not read ${data.events} events`);
  return { ...figureOf(metered), firstOutMs: null };
}

/** The onlookers don't count. */
async function measureServed(bench: Case, file: DataFile, folder: string): Promise<Figure> {
  const [port] = await freePorts(1);
  const stop = new AbortController();
  const looking = lookOn(`http://127.0.0.1:${port}`, stop.signal);
  const figure = await measureRun(bench, file, folder, ["--listen", `127.0.0.1:${port}`]).finally(() =>
    stop.abort(),
  );
  if ((await looking) === 0) throw new Error(`nobody could look on at ${bench.name}`);
  return figure;
}

/** Only what the process says of its kernel counts, not its start. */
async function measureKernel({ data }: Case, { path }: DataFile, folder: string): Promise<Figure> {
  const command = [process.execPath, kernelProcess, "case.strm", path, String(data.events)];
  const metered = await meter(command, { folder });
  const times: KernelTimes = JSON.parse(metered.stdout);
  return { ...figureOf(metered), ...times, firstOutMs: null };
}

async function measurePipe({ name }: Case, { path }: DataFile, folder: string): Promise<Figure> {
  const command = [process.execPath, bin, "run", "case.strm"];
  const metered = await meter(command, { folder, input: readFileSync(path, "utf8") });
  if (metered.firstOutMs === null) throw new Error(`nothing came out of ${name}`);
  return figureOf(metered);
}

function figureOf({ stdout: _, ...figure }: Figure & { readonly stdout: string }): Figure {
  return figure;
}
