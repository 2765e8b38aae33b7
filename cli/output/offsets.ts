// How far a step has read or written its partitions, in few words.
import type { StepOffsets } from "../../runner/index.ts";
import { count } from "./units.ts";

/** `offset 12,345`, `offsets 12,345 to 13,001 in 3 partitions`; of those that are listed, where there are more. */
export function offsetsInWords({ partitions, others }: StepOffsets): string {
  const offsets = partitions.map(({ offset }) => offset);
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)];
  if (partitions.length === 1) return `offset ${count(most)}`;
  return `offsets ${count(least)} to ${count(most)} in ${count(partitions.length + others)} partitions`;
}
