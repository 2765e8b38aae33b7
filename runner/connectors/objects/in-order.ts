// Holds a listing to its promise: a source that goes on behind the last key would miss objects of a store that lists them otherwise.
import { refused } from "./failures.ts";
import type { StoredObject } from "./store.ts";

/** As given, with keys that ascend by their UTF-8 bytes. */
export async function* inOrder(
  objects: AsyncIterable<StoredObject>,
  store: string,
): AsyncGenerator<StoredObject, void, undefined> {
  let last: Buffer | undefined;
  for await (const object of objects) {
    const key = Buffer.from(object.key);
    if (last !== undefined && Buffer.compare(last, key) >= 0) {
      throw refused(store, "it does not list objects in the order of their keys.");
    }
    last = key;
    yield object;
  }
}
