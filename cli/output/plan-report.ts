// What a run executes, in words: for each source what the optimizer decided, and what each stream makes of each field.
import { wrap } from "../../dsl/index.ts";
import type {
  ExplainedField,
  ExplainedSource,
  ExplainedStream,
  PlanExplanation,
} from "../../runner/index.ts";
import type { Style } from "../terminal.ts";
import { printable } from "./units.ts";

/** In columns; lines are broken before this one. */
const width = 100;
/** Room for the longest name of a pass, and for that of a form below a stream. */
const labelWidth = 17;

export function planReport({ pipeline, graph_hash, sources }: PlanExplanation, style: Style): string[] {
  const title = `${style.strong(printable(pipeline))}  ${graph_hash.slice(0, 12)}`;
  return [title, ...sources.flatMap((source) => ["", ...sourceLines(source, style)])];
}

function sourceLines(explained: ExplainedSource, style: Style): string[] {
  const { source, contract, read, decisions, streams } = explained;
  return [
    `${style.strong(`SOURCE ${source}`)}  ${contract}`,
    "",
    decisions.length === 0
      ? "Nothing was optimized: a run does what the program says, step by step."
      : "What was optimized, and why that changes no output:",
    ...decisions.flatMap(({ pass, sentence }) => row(pass, sentence)),
    ...(read ? ["", "What each stream makes of an event's fields; others of the contract are copied:"] : []),
    ...streams.flatMap((stream) => streamLines(stream, explained)),
  ];
}

const undeclared = { reject: "the event is refused", drop: "left out", pass: "copied" } as const;

function streamLines(stream: ExplainedStream, source: ExplainedSource): string[] {
  const masked = stream.fields.filter((field) => field.masked);
  const inForm = (form: ExplainedField["form"]): string =>
    stream.fields
      .filter((field) => field.form === form && !field.masked)
      .map(({ path }) => path)
      .join(", ");
  return [
    ...row(stream.stream, `${workOf(stream, source)}; ${takenOf(stream)}`),
    ...row("  undeclared", stream.kind === "source" ? undeclared[source.undeclared] : ""),
    ...row("  copied", inForm("copied")),
    ...row("  sealed", inForm("sealed")),
    ...row("  plaintext", inForm("plaintext")),
    ...row("  decrypted", inForm("decrypted")),
    ...row("  masked", masked.map(({ path, form }) => `${path} (from ${form})`).join(", ")),
    ...row("  filled in", stream.fills_meta ? "strmMeta" : ""),
  ];
}

function workOf({ kind, from, consent }: ExplainedStream, { sealed }: ExplainedSource): string {
  if (kind === "source") return sealed ? "valid events, sealed elsewhere" : "valid events";
  const work = `${kind}s ${from}`;
  if (consent.length === 0) return work;
  return `${work}, only with consent for level${consent.length === 1 ? "" : "s"} ${consent.join(", ")}`;
}

const sides = { events: "written", rejected: "refused events written", keys: "keys written" } as const;

function takenOf({ sinks }: ExplainedStream): string {
  const taken = sinks.map((side) => sides[side]);
  return (sinks.includes("events") ? taken : ["passed on, not written", ...taken]).join(", ");
}

/** A label with its text behind it, broken at spaces; nothing where there is no text. */
function row(label: string, text: string): string[] {
  if (text === "") return [];
  const lines = wrap(text, width - labelWidth - 2);
  const behind = (first: string): string[] =>
    lines.map((line, i) => `  ${(i === 0 ? first : "").padEnd(labelWidth)}${line}`);
  return label.length < labelWidth ? behind(label) : [`  ${label}`, ...behind("")];
}
