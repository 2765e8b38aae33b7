// What strm asks of a store of objects: the narrow interface behind which S3 and Google Cloud Storage are alike.

/** An object as a listing has it. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes whenever the key is written: an ETag, a generation. */
  readonly version: string;
}

export interface FoundObject extends StoredObject {
  /** User metadata; names in lowercase. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is to be written; a request that is made again reads it again. */
export interface ObjectBody {
  readonly sizeBytes: number;
  /** SHA-256 of all of it, in lowercase hex. */
  readonly sha256: string;
  /** The bytes from `start` to before `end`, in a buffer of their own. */
  read(start: number, end: number): Promise<Uint8Array>;
}

export interface PutSettings {
  readonly contentType: string;
  /** User metadata, beside that of the options; kept with `SHA256_KEY`. ASCII only. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Only where no object has that key. */
  readonly onlyNew: boolean;
}

/** The user metadata that holds `ObjectBody.sha256`, in both stores: what a refused write is compared by. */
export const SHA256_KEY = "strm-sha256";

/**
 * One bucket with one identity. Requests that may succeed by and by are tried again for some seconds, within a limit of time each; then a
 * `TransientFailure` is thrown. Other failures (`bucket.*`) are final and say what to do. No failure holds a byte of an object.
 */
export interface ObjectStore {
  /** For people: `s3://bucket`, `gs://bucket`. */
  readonly name: string;
  /**
   * Visible whole or not at all when it settles; parts of an attempt that failed are removed. `exists`: `onlyNew`, and there is one, which may be the
   * outcome of an own write whose answer was lost. Holds no more than some parts of the body in memory.
   */
  put(
    key: string,
    body: ObjectBody,
    settings: PutSettings,
    signal: AbortSignal,
  ): Promise<"written" | "exists">;
  /** Undefined where there is none. */
  head(key: string, signal: AbortSignal): Promise<FoundObject | undefined>;
  /** Those whose key begins so, in the order of their keys' UTF-8 bytes; keys behind `after` only, where that is given. */
  list(prefix: string, after: string | undefined, signal: AbortSignal): AsyncIterable<StoredObject>;
  /**
   * The bytes of that version from `start` on; goes on by itself where a connection breaks. Throws `bucket.object-changed` where the key has another version by
   * now or is gone.
   */
  read(key: string, version: string, start: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Throws as `put` would for want of rights, bucket or credentials, and leaves nothing behind. */
  tryWriting(key: string, signal: AbortSignal): Promise<void>;
  /** Throws as `list` and `read` would. */
  tryReading(prefix: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
