// All cases and comparisons, as data.
import { coldData, demoData, liveData, valueData, wideData } from "../data/data-set.ts";
import type { Case, Comparison } from "./case.ts";
import {
  compressProgram,
  demoProgram,
  fieldsProgram,
  jobE,
  jobP,
  pipeProgram,
  valueProgram,
} from "./programs.ts";

/** Enough to bring up 100,000 sessions, each once. */
const firstEvents = 100_000;
const demoEventBytes = 322;

/** The cases for a demo workload of that many events. */
export function casesFor(events: number): readonly Case[] {
  const run = { kind: "run", workers: 1, data: demoData(events) } as const;
  const kernel = { ...run, kind: "kernel" } as const;
  const start = { ...run, data: demoData(1) };
  const few = Math.ceil(events / 5);
  const value = (valueBytes: number) => ({
    ...run,
    program: valueProgram,
    data: valueData(valueBytes, events * demoEventBytes, events),
  });
  const live = (sessions: number, more: number) => ({
    ...run,
    program: jobE,
    data: liveData(sessions, firstEvents, more),
  });
  return [
    { ...kernel, name: "kernel-E", what: "E, the kernel alone", program: jobE },
    { ...kernel, name: "kernel-P", what: "P, the kernel alone", program: jobP },
    { ...run, name: "E", what: "seal three fields, one output", program: jobE },
    { ...run, name: "P", what: "E and two outputs opened by consent", program: jobP },
    { ...run, name: "workers-2-E", what: "E with two workers", program: jobE, workers: 2 },
    { ...run, name: "workers-2-P", what: "P with two workers", program: jobP, workers: 2 },
    { ...run, name: "watched-E", what: "E on a terminal of 80 by 24", program: jobE, kind: "watched" },
    {
      ...run,
      name: "served-E",
      what: "E with --listen, scraped each second, its events read",
      program: jobE,
      kind: "served",
    },
    { ...start, name: "start-file", what: "one event, file to file", program: jobE },
    { ...start, name: "start-pipe", what: "one event, stdin to stdout", program: pipeProgram, kind: "pipe" },
    ...[1, 3, 10].map(
      (personal): Case => ({
        ...run,
        name: `fields-${personal}`,
        what: `${personal} of ten strings sealed`,
        program: fieldsProgram(personal),
        data: wideData(events),
      }),
    ),
    { ...value(10), name: "value-10B", what: "one value of 10 bytes" },
    { ...value(100), name: "value-100B", what: "one value of 100 bytes" },
    { ...value(1000), name: "value-1KB", what: "one value of 1,000 bytes" },
    { ...value(1_000_000), name: "value-1MB", what: "one value of 1,000,000 bytes" },
    ...[1, 2, 4, 8].map(
      (outputs): Case => ({
        ...run,
        name: `outputs-${outputs}`,
        what: outputs === 1 ? "the sealed stream" : `sealed and ${outputs - 1} opened`,
        program: demoProgram(outputs),
      }),
    ),
    { ...run, name: "cold-none", what: "fewer events of 1,000 sessions", program: jobE, data: demoData(few) },
    {
      ...run,
      name: "cold-each",
      what: "as many, each of a new session",
      program: jobE,
      data: coldData(few),
      beyond: { case: "cold-none", events: few },
    },
    ...[1000, 100_000].flatMap((sessions): readonly Case[] => {
      const first = `live-${sessions}-first`;
      const what = `${sessions.toLocaleString("en")} sessions`;
      return [
        { ...live(sessions, 0), name: first, what: `${what} come up` },
        {
          ...live(sessions, events),
          name: `live-${sessions}`,
          what: `${what} come up, then go on`,
          beyond: { case: first, events },
        },
      ];
    }),
    { ...run, name: "compress-gzip", what: "E, compressed by gzip", program: compressProgram("gzip") },
    { ...run, name: "compress-zstd", what: "E, compressed by zstd", program: compressProgram("zstd") },
  ];
}

export const comparisons: readonly Comparison[] = [
  { what: "what the runner adds to the kernel, job E", of: "E", to: "kernel-E" },
  { what: "what the runner adds to the kernel, job P", of: "P", to: "kernel-P" },
  { what: "two more outputs", of: "P", to: "E" },
  { what: "two workers, job E", of: "workers-2-E", to: "E" },
  { what: "two workers, job P", of: "workers-2-P", to: "P" },
  { what: "a terminal that shows it", of: "watched-E", to: "E" },
  { what: "onlookers over the network", of: "served-E", to: "E" },
  { what: "three personal fields against one", of: "fields-3", to: "fields-1" },
  { what: "ten personal fields against one", of: "fields-10", to: "fields-1" },
  { what: "two outputs against one", of: "outputs-2", to: "outputs-1" },
  { what: "four outputs against one", of: "outputs-4", to: "outputs-1" },
  { what: "eight outputs against one", of: "outputs-8", to: "outputs-1" },
  { what: "100,000 live keys against 1,000", of: "live-100000", to: "live-1000" },
  { what: "gzip", of: "compress-gzip", to: "E" },
  { what: "zstd", of: "compress-zstd", to: "E" },
];
