// Makes an object's bytes of the events in its file: header, blocks, compression. The same events and key always make the same bytes.
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Form } from "../writing/form.ts";
import type { Frame } from "../writing/frames.ts";
import { readRange } from "./read-range.ts";

/** What stands before each datum. */
export const LENGTH_BYTES = 4;

/** Where each datum begins can't be seen in it: in the spool its length stands before it. `ends`: by event, in `bytes`, which begin at `start`. */
export function withLengths(bytes: Uint8Array, start: number, ends: Int32Array): Uint8Array {
  const all = Buffer.allocUnsafe(bytes.length + ends.length * LENGTH_BYTES);
  let [from, at] = [0, 0];
  for (const end of ends) {
    at = all.writeUInt32LE(end - start - from, at);
    all.set(bytes.subarray(from, end - start), at);
    at += end - start - from;
    from = end - start;
  }
  return all;
}

export class Packing {
  readonly #form: Form;
  /** Events stand with their lengths. */
  readonly #datums: boolean;

  constructor(form: Form, datums: boolean) {
    this.#form = form;
    this.#datums = datums;
  }

  /** False: objects are what stands in the spool. */
  get needed(): boolean {
    return this.#datums || this.#form.pack !== undefined || this.#form.header(Buffer.alloc(0)).length > 0;
  }

  /** Writes the object of the events in the first bytes of a file to another one, and answers its size. Holds some frames in memory. */
  async pack(from: string, sizeBytes: number, to: string, key: string): Promise<number> {
    const { syncBytes, header, packsHeader, pack } = this.#form;
    // Avro asks for a mark that data don't hold by chance; a digest of the key is that, and repeats itself.
    const sync = createHash("sha256").update(key).digest().subarray(0, syncBytes);
    const source = await open(from, "r");
    try {
      const target = await open(to, "w", 0o600);
      try {
        let written = 0;
        const write = async (bytes: Uint8Array): Promise<void> => {
          await target.appendFile(bytes);
          written += bytes.length;
        };
        let first = header(sync);
        if (!packsHeader) {
          await write(first);
          first = new Uint8Array(0);
        }
        for await (const { bytes, events } of this.#frames(source, sizeBytes)) {
          const whole = first.length === 0 ? bytes : Buffer.concat([first, bytes]);
          first = new Uint8Array(0);
          await write((await pack?.({ bytes: whole, events }, sync)) ?? whole);
        }
        return written;
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  }

  async *#frames(source: FileHandle, sizeBytes: number): AsyncGenerator<Frame, void, void> {
    const { frameBytes } = this.#form;
    let rest: Uint8Array = new Uint8Array(0);
    for (let at = 0; at < sizeBytes; ) {
      const end = Math.min(sizeBytes, at + frameBytes);
      rest = Buffer.concat([rest, await readRange(source, at, end)]);
      at = end;
      const frame = this.#datums ? datumsIn(rest) : { bytes: rest, events: 0, taken: rest.length };
      if (frame.taken === 0) continue;
      yield frame;
      rest = rest.subarray(frame.taken);
    }
  }
}

/** The whole datums at the beginning, without their lengths. */
function datumsIn(bytes: Uint8Array): Frame & { readonly taken: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= bytes.length) {
    const end = at + LENGTH_BYTES + view.getUint32(at, true);
    if (end > bytes.length) break;
    parts.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return { bytes: Buffer.concat(parts), events: parts.length, taken: at };
}
