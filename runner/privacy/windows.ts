// Where the window of a key link starts and ends.
import type { Rotation } from "../../dsl/graph/job-graph.ts";

const dayMs = 86_400_000;

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The window that a new link at `timeMs` gets: from that moment on, or the UTC day around it. It stays clear of the windows
 * beside it: `beforeMs` is where the last earlier one ends, `afterMs` where the first later one starts.
 */
export function newWindow(
  rotate: Rotation,
  timeMs: number,
  beforeMs: number | undefined,
  afterMs: number | undefined,
): Window {
  const start = rotate.kind === "daily" ? Math.floor(timeMs / dayMs) * dayMs : timeMs;
  const end = rotate.kind === "daily" ? start + dayMs : start + rotate.spanMs;
  return { startMs: Math.max(start, beforeMs ?? start), endMs: Math.min(end, afterMs ?? end) };
}
