// A store of as many small objects as are asked for, none of which takes memory.
import type { ObjectStore, StoredObject } from "../../runner/connectors/objects/store.ts";

export class ManyObjects implements ObjectStore {
  readonly name = "many://bucket";
  /** Called behind the last object of a listing. */
  listed: () => void = () => {};
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  async put(): Promise<never> {
    throw new Error("nothing is written here");
  }

  async head(key: string) {
    return { ...this.#object(Number.parseInt(key, 10)), metadata: {} };
  }

  async *list(): AsyncGenerator<StoredObject, void, void> {
    for (let i = 0; i < this.#count; i++) yield this.#object(i);
    this.listed();
  }

  async *read(key: string, _: string, start: number): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from(`${key}\n`).subarray(start);
  }

  async tryWriting(): Promise<void> {}

  async tryReading(): Promise<void> {}

  async close(): Promise<void> {}

  #object(i: number): StoredObject {
    const key = `${String(i).padStart(9, "0")}.jsonl`;
    return { key, sizeBytes: key.length + 1, version: `v${i}` };
  }
}
