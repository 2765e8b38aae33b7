// Reads an object container file block by block, from bytes as they come.
import { type Ends, Fingerprint } from "../../fingerprint.ts";
import { Refusal } from "../refused.ts";
import { MAX_BLOCK_BYTES, tooLargeBlock, unpackerOf } from "./codecs.ts";
import { ContainerFault } from "./fault.ts";
import { type Header, headerIn, SYNC_BYTES } from "./header.ts";

export interface Block {
  /** Its datums, one behind another. */
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Where it begins. */
  readonly from: BlockPlace;
  /** Where the next one begins. */
  readonly to: BlockPlace;
}

/** A place between two blocks, with digests of what stands before it. */
export interface BlockPlace extends Ends {
  readonly offset_bytes: number;
}

/** Fills a part of `space`; 0 at the end. */
export type ReadBytes = (space: Uint8Array) => Promise<number>;

const CHUNK_BYTES = 65_536;
/** A schema of 1 MiB, and what others keep beside it. */
const MAX_HEADER_BYTES = 2 * 1_048_576;
/** Two numbers of at most ten bytes. */
const MAX_HEAD_BYTES = 20;

/** Bytes that were read and not yet used. */
class Window {
  readonly #read: ReadBytes;
  readonly #fingerprint: Fingerprint;
  #bytes = Buffer.alloc(CHUNK_BYTES);
  #start = 0;
  #used = 0;
  #offsetBytes: number;

  constructor(read: ReadBytes, offsetBytes: number, fingerprint: Fingerprint) {
    this.#read = read;
    this.#offsetBytes = offsetBytes;
    this.#fingerprint = fingerprint;
  }

  get place(): BlockPlace {
    return { offset_bytes: this.#offsetBytes, ...this.#fingerprint.ends() };
  }

  /** What was read, at least so many bytes but at the end. Good until the next call. */
  async ahead(sizeBytes: number): Promise<Uint8Array> {
    while (this.#used - this.#start < sizeBytes) {
      this.#makeRoom(sizeBytes);
      const filled = await this.#read(this.#bytes.subarray(this.#used));
      if (filled === 0) break;
      this.#used += filled;
    }
    return this.#bytes.subarray(this.#start, this.#used);
  }

  consume(sizeBytes: number): void {
    this.#fingerprint.add(this.#bytes.subarray(this.#start, this.#start + sizeBytes));
    this.#start += sizeBytes;
    this.#offsetBytes += sizeBytes;
  }

  #makeRoom(sizeBytes: number): void {
    if (this.#bytes.length - this.#start >= sizeBytes && this.#used < this.#bytes.length) return;
    const held = this.#bytes.subarray(this.#start, this.#used);
    const large = sizeBytes + CHUNK_BYTES;
    // One that grew for a large block does not stay.
    if (large > this.#bytes.length || this.#bytes.length > 4 * large) {
      const other = Buffer.alloc(large);
      other.set(held);
      this.#bytes = other;
    } else this.#bytes.copyWithin(0, this.#start, this.#used);
    this.#used = held.length;
    this.#start = 0;
  }
}

/** From a file's first byte. Throws a `ContainerFault`, and what `read` throws. */
export async function readHeader(
  read: ReadBytes,
): Promise<{ readonly header: Header; readonly blocks: Blocks }> {
  const window = new Window(read, 0, new Fingerprint());
  for (let wanted = CHUNK_BYTES; ; wanted *= 2) {
    const bytes = await window.ahead(wanted);
    try {
      const header = headerIn(bytes);
      window.consume(header.sizeBytes);
      return { header, blocks: new Blocks(window, header) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (bytes.length < wanted) throw new ContainerFault("damaged", "it ends within its header");
      if (wanted > MAX_HEADER_BYTES)
        throw new ContainerFault("unsupported", "its header has more than 2 MiB");
    }
  }
}

/** From a place between two blocks; `fingerprint`: of what stands before it. */
export function blocksFrom(
  read: ReadBytes,
  header: Header,
  offsetBytes: number,
  fingerprint: Fingerprint,
): Blocks {
  return new Blocks(new Window(read, offsetBytes, fingerprint), header);
}

export class Blocks {
  readonly #window: Window;
  readonly #unpack: (packed: Uint8Array) => Promise<Uint8Array>;
  readonly #sync: Uint8Array;

  /** Throws a `ContainerFault` for codecs that can't be unpacked. */
  constructor(window: Window, { codec, sync }: Header) {
    this.#window = window;
    this.#unpack = unpackerOf(codec);
    this.#sync = sync;
  }

  /** The place of the next one. */
  get place(): BlockPlace {
    return this.#window.place;
  }

  /** Undefined at the end. Throws a `ContainerFault`, and what reading throws. Not called again before it has settled. */
  async next(): Promise<Block | undefined> {
    const window = this.#window;
    const from = window.place;
    const start = await window.ahead(MAX_HEAD_BYTES);
    if (start.length === 0) return undefined;
    const { count, sizeBytes, headBytes } = headIn(start);
    const end = headBytes + sizeBytes;
    const whole = await window.ahead(end + SYNC_BYTES);
    if (whole.length < end + SYNC_BYTES) throw new ContainerFault("damaged", "it ends within a block");
    if (Buffer.compare(whole.subarray(end, end + SYNC_BYTES), this.#sync) !== 0)
      throw new ContainerFault("damaged", "what stands behind a block is not the file's marker");
    const bytes = await this.#unpack(Buffer.from(whole.subarray(headBytes, end)));
    window.consume(end + SYNC_BYTES);
    return { bytes, count, from, to: window.place };
  }
}

function headIn(bytes: Uint8Array) {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 56)
        throw new ContainerFault("damaged", "a block of it has no length");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  };
  const [count, sizeBytes] = [number(), number()];
  if (count < 0 || sizeBytes < 0) throw new ContainerFault("damaged", "a block of it has a negative length");
  if (sizeBytes > MAX_BLOCK_BYTES) throw tooLargeBlock();
  return { count, sizeBytes, headBytes: at };
}
