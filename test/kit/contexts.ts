// Contexts to open a connector with outside of a run.
import type { SinkContext, SourceContext, Streams } from "../../runner/connectors/connector.ts";

export interface Warnings {
  readonly warnings: string[];
}

export function sourceContext(baseDir: string, streams: Streams = {}): SourceContext & Warnings {
  const warnings: string[] = [];
  return {
    baseDir,
    stateDir: `${baseDir}/.strm`,
    step: "clicks",
    streams,
    maxEventBytes: 16 * 1_048_576,
    warnings,
    warn: (message) => warnings.push(message),
    claim: () => {},
  };
}

export function sinkContext(baseDir: string, more: Partial<SinkContext> = {}): SinkContext & Warnings {
  const { maxEventBytes: _, ...context } = sourceContext(baseDir);
  return { ...context, step: "safe->file", format: "json", secret: false, ...more };
}
