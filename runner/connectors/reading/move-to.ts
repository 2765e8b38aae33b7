// An item without an event: only a position moves.
import type { Item, Position } from "../delivery.ts";

/** `origin`: what is being read. */
export function moveTo(partition: string, position: Position, origin = partition): Item {
  const batch = { bytes: new Uint8Array(0), origin, firstLine: 1, offsetBytes: 0, readTimeMs: 0 };
  return { partition, position, content: { kind: "batch", batch } };
}
