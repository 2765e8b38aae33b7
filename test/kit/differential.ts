// What comparisons of formats have in common: random pipelines over the same events, and what was decided of them.
import type { SourcePlan } from "../../runner/plan/plan.ts";
import { type AvroRun, graphOfText, planIn, runRecords } from "./avro-rig.ts";

/** What a contract does not declare can't stand in a datum, nor in a row: JSON may not have any of it either. */
export function strict(program: string): string {
  return program.replace(/@@unknown\(\w+\)/, "@@unknown(reject)");
}

/** What the upstream program makes of the lines. */
async function sealed(upstream: string, lines: readonly string[]): Promise<readonly string[]> {
  const plan = planIn(graphOfText(upstream), "json", "json");
  if (plan === undefined) return [];
  const { streams } = await runRecords(
    plan,
    lines.map((line) => Buffer.from(line)),
  );
  return (streams.safe ?? []).map((event) => event.toString().trimEnd());
}

/** The lines that `plan`'s source takes as JSON: what it refuses for its form can't be had in another one. */
export async function fittingLines(
  plan: SourcePlan,
  upstream: string | undefined,
  lines: readonly string[],
): Promise<readonly string[]> {
  const input = upstream === undefined ? lines : await sealed(strict(upstream), lines);
  const { result } = await runRecords(
    plan,
    input.map((line) => Buffer.from(line)),
  );
  const refused = new Set(
    result.rejected.filter(({ step }) => step === plan.source).map(({ offset = 0 }) => offset - 1000),
  );
  return input.filter((_, i) => !refused.has(i));
}

/** What was decided, without where: other forms have other lengths. */
export const decisions = ({ result }: AvroRun) => ({
  tally: result.tally,
  rejected: result.rejected.map(({ step, code, path, offset }) => ({ step, code, path, offset })),
  subjects: result.subjects,
});
