// Data sets as files, made once and kept outside of git for as long as the code that makes them stays as it is.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DataSet } from "./data-set.ts";

const home = fileURLToPath(new URL("../../../node_modules/.cache/strm-bench", import.meta.url));
const makers = ["./events.ts", "./data-set.ts", "../../kit/random.ts"];
const writeChars = 1 << 20;

export interface DataFile {
  readonly path: string;
  readonly bytes: number;
}

/** The file of a data set; `tell` is called where it has to be made first. */
export function dataFile({ name, lines }: DataSet, tell: (line: string) => void): DataFile {
  const path = join(folder(), `${name}.jsonl`);
  if (!existsSync(path)) {
    tell(`making ${name}.jsonl`);
    // Another measurement may make the same file at this moment: each writes its own, and the last rename wins.
    const unfinished = `${path}.${process.pid}`;
    write(unfinished, lines());
    renameSync(unfinished, path);
  }
  return { path, bytes: statSync(path).size };
}

function folder(): string {
  const hash = createHash("sha256");
  for (const maker of makers) hash.update(readFileSync(new URL(maker, import.meta.url)));
  const name = hash.digest("hex").slice(0, 12);
  mkdirSync(join(home, name), { recursive: true });
  for (const other of readdirSync(home)) {
    if (other !== name) rmSync(join(home, other), { recursive: true, force: true });
  }
  return join(home, name);
}

function write(path: string, lines: Iterable<string>): void {
  const file = openSync(path, "w");
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < writeChars) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
}
