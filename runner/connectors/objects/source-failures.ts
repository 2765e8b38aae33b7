// The failures of a source of objects that are about its objects as they are found.
import { StrmFailure } from "../../failure.ts";

/** `place`: `s3://bucket/key`. `what` completes the sentence: `was replaced`. */
export function changedObject(place: string, what: string): StrmFailure {
  return new StrmFailure(
    "bucket.object-changed",
    `${place} ${what}.`,
    "Say `changed = read` to read new versions from their start, with events that come again, or `changed = ignore` to leave objects as they were read; then run again.",
  );
}

/** `where`: for people. */
export function noObjects(step: string, where: string): StrmFailure {
  return new StrmFailure(
    "bucket.no-objects",
    `Source \`${step}\` finds no object at ${where}.`,
    "Correct `bucket`, `prefix` or `pattern`, or say `follow = true` to wait for objects.",
  );
}

/** True for what a store throws where an object has another version, or is gone. */
export function isChanged(error: unknown): boolean {
  return error instanceof StrmFailure && error.code === "bucket.object-changed";
}
