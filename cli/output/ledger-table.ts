// The ledger as tables: what each stream made of its events, and what each sink has got.
import type { Ledger, StepLedger } from "../../runner/index.ts";
import type { Style } from "../terminal.ts";
import { offsetsInWords } from "./offsets.ts";
import type { Rejection, RunView } from "./state.ts";
import { type Column, table } from "./table.ts";
import { bytes, count, printable } from "./units.ts";

type Steps = Pick<Ledger, "steps">;

/** Every stream with `in = out + withheld + rejected`, as a tree from its source; `in flight` where some are. */
export function streamTable({ steps }: Pick<RunView, "steps">, ledger: Steps, style: Style): string[] {
  const parents = new Map(steps.map(({ name, from }) => [name, from]));
  const streams = ledger.steps.filter(({ kind }) => kind !== "sink");
  const inFlight = streams.some((step) => step.in_flight > 0);
  const zero = (padded: string, cell: string): string => (cell === "0" ? style.dim(padded) : padded);
  const number: Column = { align: "right", paint: zero };
  const sign: Column = { align: "left", paint: style.dim };
  const columns: Column[] = [{ align: "left" }, number, sign, number, sign, number, sign];
  columns.push({ align: "right", paint: (padded, cell) => (cell === "0" ? style.dim : style.warn)(padded) });
  const head = ["stream", "in", "=", "out", "+", "withheld", "+", "rejected"];
  if (inFlight) {
    columns.push(sign, number);
    head.push("+", "in flight");
  }
  const rows = inTree(streams, parents).map(({ lead, step }) => [
    `${lead}${step.name}`,
    ...[count(step.in), "=", count(step.out), "+", count(step.withheld), "+", count(step.rejected)],
    ...(inFlight ? ["+", count(step.in_flight)] : []),
  ]);
  return table(head, rows, columns, style.dim);
}

/** Every sink: how much it has got, how much of that is not durable yet, and what this run has made complete of it: files or objects, as they are stored. */
export function sinkTable(
  { written, offsets }: Pick<RunView, "written" | "offsets">,
  ledger: Steps,
  style: Style,
): string[] {
  const sinks = ledger.steps.filter(({ kind }) => kind === "sink");
  if (sinks.length === 0) return [];
  const inFlight = sinks.some((sink) => sink.in_flight > 0);
  const reached = new Map(offsets.map((one) => [one.step, offsetsInWords(one)]));
  const complete = new Map(
    written.map(({ sink, objects, sizeBytes, target }) => {
      const shown = printable(fromHere(target));
      const to = [objects === 1 ? shown : `the last one ${shown}`, reached.get(sink) ?? []].flat();
      return [sink, [count(objects), bytes(sizeBytes), to.join(", ")]];
    }),
  );
  const rows = sinks.map((sink) => [
    sink.name,
    count(sink.out),
    ...(inFlight ? [count(sink.in_flight)] : []),
    bytes(sink.written_bytes),
    ...(complete.get(sink.name) ?? []),
  ]);
  const head = ["sink", "written", ...(inFlight ? ["in flight"] : []), "size"];
  if (complete.size > 0) head.push("objects", "stored", "to");
  const columns = head.map((name, i): Column => ({ align: i === 0 || name === "to" ? "left" : "right" }));
  return table(head, rows, columns, style.dim);
}

/** Where the first of some refused events stands. */
export function placeOf({ origin, line, offset }: Pick<Rejection, "origin" | "line" | "offset">): string {
  return printable(offset === undefined ? `${fromHere(origin)}:${line}` : `${origin} at ${offset}`);
}

/** A path below the present folder as one would type it. */
export function fromHere(path: string): string {
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

interface Branch {
  readonly lead: string;
  readonly step: StepLedger;
}

function inTree(streams: readonly StepLedger[], parents: ReadonlyMap<string, string | null>): Branch[] {
  const names = new Set(streams.map(({ name }) => name));
  const below = (parent: string | null): readonly StepLedger[] =>
    streams.filter(({ name }) => {
      const from = parents.get(name) ?? null;
      return (from !== null && names.has(from) ? from : null) === parent;
    });
  const branches = (parent: string | null, lead: string): Branch[] =>
    below(parent).flatMap((step, i, all) => {
      const last = i === all.length - 1;
      const mark = parent === null ? "" : last ? "└─ " : "├─ ";
      const inner = parent === null ? "" : last ? "   " : "│  ";
      return [{ lead: `${lead}${mark}`, step }, ...branches(step.name, `${lead}${inner}`)];
    });
  return branches(null, "");
}
