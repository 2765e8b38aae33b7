// A bucket of S3, or of a store that speaks its protocol.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { corruptObject, objectChanged, refused } from "../objects/failures.ts";
import { inOrder } from "../objects/in-order.ts";
import { readFirst } from "../objects/read-first.ts";
import { type Checksum, type Reply, readOn } from "../objects/read-on.ts";
import {
  type FoundObject,
  type ObjectBody,
  type ObjectStore,
  type PutSettings,
  SHA256_KEY,
  type StoredObject,
} from "../objects/store.ts";
import { s3Failure } from "./failures.ts";
import { beginUpload, endUpload, type ObjectInput, type PutOutcome, S3Put } from "./put.ts";
import type { Requests } from "./requests.ts";

/** How objects are kept, beside what each has for itself. */
export type Keeping = Omit<ObjectInput, "Bucket" | "Key" | "ContentType">;

const READ = "s3:GetObject";

export class S3Store implements ObjectStore {
  readonly name: string;
  readonly #requests: Requests;
  readonly #bucket: string;
  readonly #keeping: Keeping;

  constructor(requests: Requests, bucket: string, keeping: Keeping) {
    this.name = requests.store;
    this.#requests = requests;
    this.#bucket = bucket;
    this.#keeping = keeping;
  }

  put(key: string, body: ObjectBody, settings: PutSettings, signal: AbortSignal): Promise<PutOutcome> {
    const metadata = { ...settings.metadata, [SHA256_KEY]: body.sha256 };
    const input = this.#input(key, settings.contentType, metadata);
    const put = new S3Put(this.#requests, input, body, settings.onlyNew, signal);
    return put.write(async () => {
      const there = await this.head(key, signal);
      return there?.metadata[SHA256_KEY] === body.sha256 && there.sizeBytes === body.sizeBytes;
    });
  }

  async head(key: string, signal: AbortSignal): Promise<FoundObject | undefined> {
    const found = await this.#requests.send<FoundObject | "none">(
      {
        right: READ,
        run: async (client, options) => {
          const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
          const { ContentLength, ETag, Metadata } = await client.send(command, options);
          const object = this.#stored(key, ContentLength, ETag);
          return { ...object, metadata: Metadata ?? {} };
        },
        outcomes: { NotFound: "none", NoSuchKey: "none" },
      },
      signal,
    );
    return found === "none" ? undefined : found;
  }

  list(prefix: string, after: string | undefined, signal: AbortSignal): AsyncIterable<StoredObject> {
    return inOrder(this.#list(prefix, after, undefined, signal), this.name);
  }

  read(key: string, version: string, start: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return readOn({
      store: this.name,
      key,
      start,
      open: (at) => this.#open(key, version, at, signal),
      failureOf: (error) =>
        error instanceof Error && error.message.startsWith("Checksum mismatch")
          ? corruptObject(this.name, key)
          : s3Failure(error, this.name, READ),
      signal,
    });
  }

  /** Begins an upload in parts and removes it: needs what a sink needs, and makes no object. */
  async tryWriting(key: string, signal: AbortSignal): Promise<void> {
    const input = this.#input(key, "application/octet-stream", {});
    await endUpload(this.#requests, input, await beginUpload(this.#requests, input, signal), signal);
  }

  tryReading(prefix: string, signal: AbortSignal): Promise<void> {
    return readFirst(this, this.#list(prefix, undefined, 1, signal), signal);
  }

  async close(): Promise<void> {
    this.#requests.close();
  }

  async *#list(
    prefix: string,
    after: string | undefined,
    pageObjects: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<StoredObject, void, undefined> {
    let token: string | undefined;
    do {
      const page = await this.#requests.send(
        {
          right: "s3:ListBucket",
          run: (client, options) =>
            client.send(
              new ListObjectsV2Command({
                Bucket: this.#bucket,
                Prefix: prefix,
                StartAfter: after,
                ContinuationToken: token,
                MaxKeys: pageObjects,
              }),
              options,
            ),
        },
        signal,
      );
      for (const { Key, Size, ETag } of page.Contents ?? []) yield this.#stored(Key, Size, ETag);
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Undefined where the object ends before `at`. */
  async #open(key: string, version: string, at: number, signal: AbortSignal): Promise<Reply | undefined> {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const reply = await this.#requests.once<Reply | "changed" | "over">(
      {
        right: READ,
        run: async (client, options) => {
          const answer = await client.send(
            new GetObjectCommand({
              Bucket: this.#bucket,
              Key: key,
              IfMatch: version,
              // The SDK checks what it reads whole, where the store keeps a checksum of the whole.
              ChecksumMode: "ENABLED",
              ...(at > 0 && { Range: `bytes=${at}-` }),
            }),
            options,
          );
          const { Body: body, ContentLength: length, Metadata: metadata = {} } = answer;
          if (!(body instanceof Readable) || length === undefined) {
            throw refused(this.name, "it answers without the object's bytes or their number.");
          }
          const sha256 = at === 0 ? metadata[SHA256_KEY] : undefined;
          return {
            bytes: untilLeft(body, stop),
            sizeBytes: at + length,
            ...(sha256 !== undefined && { checksum: new Sha256(sha256) }),
          };
        },
        outcomes: {
          PreconditionFailed: "changed",
          NoSuchKey: "changed",
          NotFound: "changed",
          InvalidRange: "over",
        },
      },
      either,
    );
    if (reply === "changed") throw objectChanged(this.name, key);
    return reply === "over" ? undefined : reply;
  }

  #stored(key: string | undefined, sizeBytes: number | undefined, etag: string | undefined): StoredObject {
    if (key === undefined || sizeBytes === undefined || etag === undefined) {
      throw refused(this.name, "it tells of an object without its key, size or ETag.");
    }
    return { key, sizeBytes, version: etag };
  }

  #input(key: string, contentType: string, metadata: Readonly<Record<string, string>>): ObjectInput {
    const Metadata = { ...this.#keeping.Metadata, ...metadata };
    return { ...this.#keeping, Bucket: this.#bucket, Key: key, ContentType: contentType, Metadata };
  }
}

/** What is not read to its end would keep its connection. */
async function* untilLeft(
  body: Readable,
  stop: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } finally {
    stop.abort();
  }
}

/** Of an object that strm wrote: holds over several parts and several requests, as the SDK's own check does not. */
class Sha256 implements Checksum {
  readonly #expected: string;
  readonly #hash = createHash("sha256");

  constructor(expected: string) {
    this.#expected = expected;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  fits(): boolean {
    return this.#hash.digest("hex") === this.#expected;
  }
}
