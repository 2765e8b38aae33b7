// What the JSON API tells of objects, read without trust in its form.
import { refused } from "../objects/failures.ts";
import { type Members, membersIn, membersOf, textOf } from "../objects/members.ts";
import type { FoundObject } from "../objects/store.ts";

/** What is asked for of each object; `items(…)` in listings. */
export const OBJECT_FIELDS = "name,size,generation,metadata";

export interface Page {
  readonly objects: readonly FoundObject[];
  /** For the next one; empty behind the last. */
  readonly token: string;
}

export function pageIn(json: string, store: string): Page {
  const { kind, items = [], nextPageToken } = membersIn(json);
  if (kind !== "storage#objects" || !Array.isArray(items)) throw unreadable(store);
  return { objects: items.map((item) => objectOf(membersOf(item), store)), token: textOf(nextPageToken) };
}

export function objectIn(json: string, store: string): FoundObject {
  return objectOf(membersIn(json), store);
}

function objectOf({ name, size, generation, metadata }: Members, store: string): FoundObject {
  const sizeBytes = Number(size);
  const [key, version] = [textOf(name), textOf(generation)];
  if (key === "" || version === "" || !Number.isSafeInteger(sizeBytes)) throw unreadable(store);
  const pairs = Object.entries(membersOf(metadata));
  return {
    key,
    sizeBytes,
    version,
    metadata: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), textOf(value)])),
  };
}

function unreadable(store: string) {
  return refused(store, "what it answers is not the JSON API of Google Cloud Storage.");
}
