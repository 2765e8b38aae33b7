// Tries a bucket before a run, for what a source or a sink will need of it; nothing is left in it.
import type { TryContext } from "../connector.ts";
import { KeyChoice, type KeyOptions } from "./key-choice.ts";
import { folderOf, probeIn } from "./object-names.ts";
import type { ObjectStore } from "./store.ts";

/** Closes the store. */
export async function tryWriting(
  { prefix }: { readonly prefix: string },
  { signal }: TryContext,
  store: ObjectStore,
): Promise<string> {
  const folder = folderOf(prefix);
  return closing(store, async () => {
    await store.tryWriting(probeIn(folder), signal);
    return `objects can be written to ${store.name}/${folder}`;
  });
}

/** Closes the store. */
export async function tryReading(
  options: KeyOptions,
  { signal }: TryContext,
  store: ObjectStore,
): Promise<string> {
  return closing(store, async () => {
    const { prefixes } = new KeyChoice(options);
    for (const prefix of prefixes) await store.tryReading(prefix, signal);
    const places = prefixes.map((prefix) => `${store.name}/${prefix}`).join(" and ");
    return `objects can be listed and read in ${places}`;
  });
}

async function closing(store: ObjectStore, work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } finally {
    await store.close();
  }
}
