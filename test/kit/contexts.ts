// Contexts to open a connector with outside of a run.
import { join } from "node:path";
import type { OpenContext, SinkContext, SourceContext } from "../../runner/connectors/connector.ts";
import { Buffers } from "../../runner/formats/buffers.ts";

export interface Warnings {
  readonly warnings: string[];
}

export function sourceContext(baseDir: string, more: Partial<SourceContext> = {}): SourceContext & Warnings {
  const maxEventBytes = 16 * 1_048_576;
  return {
    ...openContext(baseDir, "clicks"),
    maxEventBytes,
    resume: new Map(),
    format: "json",
    fresh: false,
    buffers: new Buffers(4),
    ...more,
  };
}

export function sinkContext(baseDir: string, more: Partial<SinkContext> = {}): SinkContext & Warnings {
  const context = openContext(baseDir, "safe->file");
  return {
    ...context,
    stream: "safe",
    contract: "acme/clicks/1.0.0",
    format: "json",
    header: new Uint8Array(0),
    bounded: false,
    secret: false,
    ...more,
  };
}

function openContext(baseDir: string, step: string): OpenContext & Warnings {
  const warnings: string[] = [];
  return {
    baseDir,
    stateDir: join(baseDir, ".strm"),
    step,
    job: "a1b2c3d4",
    streams: {},
    warnings,
    warn: (message) => warnings.push(message),
    claim: () => {},
    checkpoint: () => Promise.resolve(),
  };
}
