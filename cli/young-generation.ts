// Keeps the part of the heap small where young objects live: by itself it grows to 64 MB, while hardly anything in a run outlives its batch.
import { setFlagsFromString } from "node:v8";

/**
 * For the whole process, its threads too; to be called before there is much garbage. V8 takes the size itself only from the command line, but
 * looks up this factor each time it would let the space grow. One that does not know the flag ignores it.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
