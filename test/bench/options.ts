// The flags of `npm run bench`.
import { parseArgs } from "node:util";
import type { Peer } from "./contenders/peer-contender.ts";

export interface Options {
  readonly events: number;
  readonly rounds: number;
  /** Names of cases, or what they start with; empty: all. */
  readonly cases: readonly string[];
  readonly peers: readonly Peer[];
  /** Where raw figures go. */
  readonly json?: string;
  readonly help: boolean;
}

export const usage = `npm run bench -- [--events N] [--rounds N] [--case NAME…] [--peer NAME=COMMAND]… [--json FILE]

  --events N            events of the demo workload, from 1000 (default: 500000)
  --rounds N            how often each case is run, in turns (default: 5)
  --case NAME…          only these cases, or all that start so: 'outputs' is outputs-1, outputs-2 and so on
  --peer NAME=COMMAND   race a program of any kind in the same rounds, against job E, or against job P where its name ends in ' P'.
                        The shell runs COMMAND; {in} is the file to read, {out} what the names of files to write start with
  --json FILE           write the raw figures
  --help                show this
`;

/** Throws with a sentence where the flags say nothing sensible. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      events: { type: "string", default: "500000" },
      rounds: { type: "string", default: "5" },
      case: { type: "string", multiple: true, default: [] },
      peer: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (positionals.length > 0 && values.case.length === 0) {
    throw new Error(`what is ${positionals.join(" ")}? Names of cases come after --case; --help shows how`);
  }
  return {
    events: numberOf("--events", values.events, 1000),
    rounds: numberOf("--rounds", values.rounds, 1),
    cases: [...values.case, ...positionals],
    peers: values.peer.map(peerOf),
    help: values.help,
    ...(values.json !== undefined && { json: values.json }),
  };
}

function numberOf(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`${flag} takes a whole number from ${least}`);
  return value;
}

function peerOf(text: string): Peer {
  const [, name, command] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || command === undefined) throw new Error("--peer takes NAME=COMMAND");
  return { name, command };
}
