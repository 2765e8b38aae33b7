// The explanation of a pipeline as a data protection officer reads it in a terminal.

import { wrap } from "../text/wrap.ts";
import type { ExplainedField, Explanation, PurposeExplanation, SinkExplanation } from "./explain.ts";

/** In columns; lines are broken before this one. */
const width = 100;
const labelWidth = 14;

/** Purposes first, each with the places its fields reach; then every sink. Ends in a line end. */
export function explainGraphText(explanation: Explanation): string {
  const names = new Map(explanation.purposes.map(({ level, name }) => [level, name ?? `level ${level}`]));
  const parts = [
    `${explanation.pipeline}  ${explanation.hash.slice(0, 12)}`,
    "PURPOSES: where personal fields end up",
    ...explanation.purposes.map(purposePart),
    ...droppedParts(explanation.dropped, names),
    "SINKS: what each holds",
    ...explanation.sinks.map((sink) => sinkPart(sink, names)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function purposePart({ name, level, reason, ...where }: PurposeExplanation): string {
  const title = name === null ? `level ${level}` : `${name} (level ${level})`;
  const rows = [
    ...row("fields", where.fields.join(", ") || "none"),
    ...row("readable in", where.opened.join(", ")),
    ...row("EXPOSED in", where.exposed.join(", ")),
    ...row("masked in", where.masked.join(", ")),
    ...row("sealed in", where.sealed.join(", ")),
  ];
  return [reason === null ? title : `${title}: ${reason}`, ...rows].join("\n");
}

function droppedParts(
  dropped: Explanation["dropped"],
  names: ReadonlyMap<number, string>,
): readonly string[] {
  if (dropped.length === 0) return [];
  const parts = dropped.map(({ contract, fields }) => {
    const titles = fields.map(({ path, purpose }) => titleOf(path, purpose, names)).join(", ");
    return [contract, ...row("fields", titles)].join("\n");
  });
  return ["DROPPED: read and checked, in no sink of events", ...parts];
}

function sinkPart(sink: SinkExplanation, names: ReadonlyMap<number, string>): string {
  const list = (fields: readonly ExplainedField[]): string =>
    fields.map(({ path, purpose }) => titleOf(path, purpose, names)).join(", ");
  const readable = list(sink.opened);
  const noneReadable = sink.holds === "events" && sink.exposed.length === 0 ? "no personal field" : "";
  const exposed = sink.exposing !== null && sink.holds === "events" ? list(sink.exposed) : "";
  return [
    `${sink.sink}  ${sink.target}`.trimEnd(),
    ...row("holds", sink.events),
    ...row("readable", readable || noneReadable),
    ...row("EXPOSED", exposed === "" ? "" : `${exposed}, without consent`),
    ...row("because", sink.exposing ?? ""),
    ...row("masked", list(sink.masked)),
    ...row("sealed", list(sink.sealed)),
    ...row("not personal", sink.open.join(", ")),
    ...row(
      "undeclared",
      sink.passesUndeclared ? "Fields that the contract lacks are passed on as they are." : "",
    ),
    ...row("keys", sink.keys ?? ""),
    ...row("delivery", `${sink.delivery.promise}: ${lowerFirst(sink.delivery.reason)}`),
  ].join("\n");
}

function titleOf(path: string, purpose: number | null, names: ReadonlyMap<number, string>): string {
  return purpose === null ? path : `${path} (${names.get(purpose) ?? `level ${purpose}`})`;
}

/** A label with its text behind it, broken at spaces; nothing where there is no text. */
function row(label: string, text: string): readonly string[] {
  if (text === "") return [];
  return wrap(text, width - labelWidth - 2).map(
    (line, i) => `  ${(i === 0 ? label : "").padEnd(labelWidth)}${line}`,
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
