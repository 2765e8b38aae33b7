// `strm rejected show`: single records of the quarantine, and their events in clear only where that is asked for.
import { isUtf8 } from "node:buffer";
import { dirname, resolve } from "node:path";
import { openUnsealer, type QuarantineEntry } from "../../../runner/index.ts";
import { CommandFailure, type ExitCode, exitCodes } from "../../exit.ts";
import { countFindings, inWords, showFindings } from "../../findings.ts";
import { loadProgram, parseSet } from "../../load-program.ts";
import { fromHere } from "../../output/ledger-table.ts";
import { count, printable } from "../../output/units.ts";
import { failingPlainly, stateFolderOf } from "../../state-folder.ts";
import { type Style, styleOf } from "../../terminal.ts";
import { eachRejected, type RejectedFilter } from "./filter.ts";

export interface ShowOptions extends RejectedFilter {
  readonly set?: readonly string[];
  readonly limit: number;
  readonly unseal?: boolean;
  readonly json?: boolean;
}

type Unseal = (sealed: string) => Promise<Uint8Array>;

/** `record`: `RUN:NUMBER`, as the records are shown. */
export async function show(
  file: string,
  record: string | undefined,
  options: ShowOptions,
): Promise<ExitCode> {
  const wanted = record === undefined ? undefined : numberIn(record);
  const unseal = options.unseal === true ? await unsealerOf(file, options) : undefined;
  if (unseal === "findings") return exitCodes.findings;
  const filter = wanted === undefined ? options : { ...options, run: [wanted.run] };
  const style = styleOf(process.stdout);
  let shown = 0;
  let more = false;
  await eachRejected(file, filter, async (entry) => {
    if (wanted !== undefined && entry.number !== wanted.number) return true;
    more = shown === options.limit;
    if (more) return false;
    shown++;
    const event = unseal === undefined ? undefined : await failingPlainly(() => unseal(entry.sealed));
    const text = options.json === true ? `${asJson(entry, event)}\n` : `${asText(entry, event, style)}\n\n`;
    process.stdout.write(text);
    return wanted === undefined;
  });
  if (wanted !== undefined && shown === 0) throw noRecord(record ?? "", file);
  if (shown === 0 && options.json !== true) process.stdout.write("The quarantine holds no such events.\n");
  if (more)
    process.stderr.write(`There are more than ${count(options.limit)}: --limit N shows more of them.\n`);
  return exitCodes.ok;
}

function numberIn(record: string): { readonly run: string; readonly number: number } {
  const [, run, number] = /^(.+):([0-9]+)$/.exec(record) ?? [];
  if (run !== undefined && number !== undefined) return { run, number: Number(number) };
  throw new CommandFailure(
    `${record} names no record.`,
    "Write RUN:NUMBER, as strm rejected show FILE lists them.",
  );
}

async function unsealerOf(file: string, { set, state }: ShowOptions): Promise<Unseal | "findings"> {
  const program = loadProgram(file, parseSet(set));
  showFindings([program]);
  const { graph } = program.result;
  if (graph === undefined) {
    process.stderr.write(`${program.entry}: ${inWords(countFindings([program]))}; nothing was opened\n`);
    return "findings";
  }
  return failingPlainly(() =>
    openUnsealer({
      graph,
      baseDir: dirname(resolve(file)),
      stateDir: stateFolderOf(file, state),
      environment: process.env,
    }),
  );
}

function asJson({ sealed: _, piece, path, ...rest }: QuarantineEntry, event: Uint8Array | undefined): string {
  const record = { ...rest, ...(path !== undefined && { path }), ...(piece !== undefined && { piece }) };
  if (event === undefined) return JSON.stringify(record);
  const bytes = Buffer.from(event);
  const clear = isUtf8(bytes)
    ? { event: bytes.toString("utf8") }
    : { event_base64: bytes.toString("base64") };
  return JSON.stringify({ ...record, ...clear });
}

function asText(entry: QuarantineEntry, event: Uint8Array | undefined, style: Style): string {
  const { run, number, step, code, reason, position, path, piece, replayed } = entry;
  const place =
    "offset" in position
      ? `${position.origin}, offset ${count(position.offset)}`
      : `${fromHere(position.origin)}:${position.line}, byte ${count(position.offset_bytes)}`;
  const facts = [
    `${style.strong(`${run}:${number}`)}  ${style.warn(printable(code))}${replayed ? style.dim("  replayed") : ""}`,
    `  stream  ${printable(step)}`,
    `  from    ${printable(place)}${piece === undefined ? "" : `, piece ${count(piece)}`}`,
    `  reason  ${printable(reason)}`,
    ...(path === undefined ? [] : [`  field   ${printable(path)}`]),
  ];
  return [...facts, ...(event === undefined ? [] : [`  event   ${printable(clearText(event))}`])].join("\n");
}

function clearText(event: Uint8Array): string {
  const bytes = Buffer.from(event);
  return isUtf8(bytes) ? bytes.toString("utf8") : `no UTF-8 text, in base64: ${bytes.toString("base64")}`;
}

function noRecord(record: string, file: string): CommandFailure {
  return new CommandFailure(
    `The quarantine holds no record ${record}.`,
    `strm rejected show ${file} shows the records, each with its name.`,
  );
}
