// Reads times that are text. Luxon is loaded only where a contract has a format.
import type { SourcePlan } from "../plan/plan.ts";

/** The reader of a plan's @time texts, epoch milliseconds or undefined; none where its times are numbers. */
export async function loadReadTime(
  plan: SourcePlan,
): Promise<((text: string) => number | undefined) | undefined> {
  const { time } = plan;
  if (time.kind !== "text") return undefined;
  const { DateTime } = await import("luxon");
  const { format, zone } = time;
  // Never the locale of the machine: a run has to come to the same windows everywhere.
  const options = { zone, locale: "en-US" } as const;
  return (text) => {
    const read =
      format === "iso" ? DateTime.fromISO(text, options) : DateTime.fromFormat(text, format, options);
    return read.isValid ? read.toMillis() : undefined;
  };
}
