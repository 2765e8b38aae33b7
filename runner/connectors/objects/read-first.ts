// Begins to read the first object of a listing: what a source will need the rights for.
import type { ObjectStore, StoredObject } from "./store.ts";

/** Does nothing more where there is none. Throws what listing and reading throw. */
export async function readFirst(
  store: Pick<ObjectStore, "read">,
  objects: AsyncIterable<StoredObject>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { key, version } of objects) {
    for await (const _ of store.read(key, version, 0, signal)) break;
    break;
  }
}
