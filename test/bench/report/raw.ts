// What a measurement found, as raw figures for other programs: one entry for each contender and round.
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Contender } from "../contenders/contender.ts";
import type { Figures } from "../rounds.ts";

export function rawFigures(contenders: readonly Contender[], figures: Figures): string {
  const machine = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? "",
    cores: availableParallelism(),
    memory_bytes: totalmem(),
  };
  const entries = contenders.flatMap(({ name, events, bytes }) =>
    (figures.get(name) ?? []).map(({ wallMs, cpuMs, peakBytes, firstOutMs }, i) => ({
      name,
      round: i + 1,
      events,
      input_bytes: bytes,
      wall_ms: wallMs,
      cpu_ms: cpuMs,
      peak_bytes: peakBytes,
      first_out_ms: firstOutMs,
    })),
  );
  return `${JSON.stringify({ machine, figures: entries }, null, 2)}\n`;
}
