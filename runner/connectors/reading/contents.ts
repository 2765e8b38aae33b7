// The bytes of something that is read from where the last run left it: a file, an object.
import type { Ends, Fingerprint } from "../../formats/fingerprint.ts";

/** A place in what it holds. */
export interface Seekable extends Ends {
  readonly offset_bytes: number;
}

/** Opened to be read, unpacked where it was packed. Nothing of it is held but what the next `read` gives. */
export interface Contents {
  /** What `Position.identity` holds: of a file device and inode, which tell it under another name; of an object its version. */
  readonly identity: string;
  /** What is compressed is complete when it is found; other files may grow. */
  readonly compressed: boolean;
  /**
   * Goes to where `reached` says, before anything is read. Undefined where what stands before it is not what was read then; else the
   * fingerprint of that.
   */
  seek(reached: Seekable): Promise<Fingerprint | undefined>;
  /** Fills a part of `space`; 0 at the present end. Not called again before it has settled. */
  read(space: Uint8Array): Promise<number>;
  /** Of the bytes as they stand there, packed ones too: how many lie behind what was read. */
  readonly takenBytes: number;
  /** True when a read has found that it does not hold any more what was read of it, however large it is by now. */
  readonly truncated: boolean;
  close(): Promise<void>;
}
