// Any other program as a contender, by the command that runs it.
import { join } from "node:path";
import type { Case } from "../cases/case.ts";
import type { DataFile } from "../data/cache.ts";
import type { Contender } from "./contender.ts";
import { meter } from "./meter.ts";
import { inScratch } from "./scratch.ts";

export interface Peer {
  readonly name: string;
  /** For the shell; `{in}` stands for the file to read, `{out}` for what names of files to write start with. */
  readonly command: string;
}

/** Reads what `bench` reads. */
export function peerContender({ name, command }: Peer, bench: Case, { path, bytes }: DataFile): Contender {
  return {
    name,
    events: bench.data.events,
    bytes,
    measure: () =>
      inScratch(async (folder) => {
        const line = command
          .replaceAll("{in}", () => quoted(path))
          .replaceAll("{out}", () => quoted(join(folder, "out")));
        const { stdout: _, ...figure } = await meter(["sh", "-c", line]);
        return { ...figure, firstOutMs: null };
      }),
  };
}

/** The job that a peer is raced against: the last word of its name, if that is `P`; else E. */
export function jobOf({ name }: Peer): "E" | "P" {
  return name.split(" ").at(-1) === "P" ? "P" : "E";
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
