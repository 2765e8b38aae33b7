// The rule the language is there for: no sink writes a raw personal field, unless it says so and why.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import type { SinkStep } from "../graph/job-graph.ts";
import type { Bound } from "../spec/bind.ts";
import type { SinkStatement } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { Stream } from "./stream.ts";

/** The reason a sink gives for writing personal values in clear, where it gives a valid one. */
export function checkExposure(
  statement: SinkStatement,
  side: SinkStep["side"],
  stream: Stream | undefined,
  { values, given }: Bound,
  context: Context,
): string | undefined {
  const entry = given.get("exposing");
  const reason = values.exposing;
  if (entry !== undefined && typeof reason === "string" && reason.trim() === "") {
    const message = "`exposing` must say why personal data is written in clear.";
    const help = 'Give the reason in a few words, such as "legal hold, ticket 123".';
    context.report(
      diagnostic("flow.exposing-reason", entry.value.span, message, { label: "no reason", help }),
    );
  }
  const raw = [...(stream?.fields.values() ?? [])].filter(({ state }) => state === "raw");
  if (side === "events" && raw.length > 0 && entry === undefined) reportRaw(statement, raw, stream, context);
  const exposes = side === "rejected" || (side === "events" && (raw.length > 0 || stream === undefined));
  if (entry !== undefined && !exposes && stream?.contract.sound === true) {
    const message = `\`${statement.stream.name.text}${side === "keys" ? ".keys" : ""}\` has no raw personal field to expose.`;
    const help = "Remove the option.";
    const extra = { label: "exposes nothing", help };
    context.report(diagnostic("flow.exposing-needless", entry.name.span, message, extra));
  }
  return typeof reason === "string" ? reason : undefined;
}

function reportRaw(
  statement: SinkStatement,
  raw: readonly { readonly path: string; readonly purpose?: number }[],
  stream: Stream | undefined,
  context: Context,
): void {
  const name = statement.stream.name.text;
  const title = ({ path, purpose }: (typeof raw)[number]): string =>
    purpose === undefined ? path : `${path} (${context.purposes.title(purpose)})`;
  const shown = raw.slice(0, 4).map(title).join(", ");
  const rest = raw.length > 4 ? ` and ${raw.length - 4} more` : "";
  const message = `This sink would write personal fields in clear: ${shown}${rest}.`;
  const help = `Encrypt the stream and sink the result: encrypt ${name} into safe_${name}. If it really must be written raw, say why: exposing = "…".`;
  const first = stream?.contract.personal.get(raw[0]?.path ?? "");
  const related = first === undefined ? [] : [{ span: first.listed.span, message: "declared personal here" }];
  context.report(
    diagnostic("flow.raw-sink", statement.stream.span, message, { label: "never encrypted", help, related }),
  );
}
