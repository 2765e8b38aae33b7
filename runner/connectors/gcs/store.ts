// A bucket of Google Cloud Storage, by its JSON API.
import { crc32c } from "../crc32c.ts";
import { corruptUpload, objectChanged } from "../objects/failures.ts";
import { inOrder } from "../objects/in-order.ts";
import { textOf } from "../objects/members.ts";
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
import { connectionFailure } from "./failures.ts";
import type { Requests } from "./requests.ts";
import { OBJECT_FIELDS, objectIn, pageIn } from "./resource.ts";
import { checksumOf, checksumText, uploadOf } from "./upload.ts";

/** How objects are kept, beside what each has for itself. */
export interface Keeping {
  readonly storageClass?: string;
  readonly kmsKey?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const READ = "storage.objects.get";
const WRITE = "storage.objects.create";
const PAGE_OBJECTS = 1000;

export class GcsStore implements ObjectStore {
  readonly name: string;
  readonly #requests: Requests;
  readonly #bucketPath: string;
  readonly #keeping: Keeping;

  constructor(requests: Requests, bucket: string, keeping: Keeping) {
    this.name = requests.store;
    this.#requests = requests;
    this.#bucketPath = `storage/v1/b/${encodeURIComponent(bucket)}`;
    this.#keeping = keeping;
  }

  /** One request, whatever the size: one that can be resumed might be resumed wrongly, and a cut one leaves nothing behind. */
  async put(
    key: string,
    body: ObjectBody,
    settings: PutSettings,
    signal: AbortSignal,
  ): Promise<"written" | "exists"> {
    const metadata = { ...settings.metadata, [SHA256_KEY]: body.sha256 };
    // Sent before the bytes, so that what arrives otherwise never becomes an object.
    const crc32c = await checksumOf(body, signal);
    const resource = { ...this.#resource(key, metadata), contentType: settings.contentType, crc32c };
    const upload = uploadOf(body, resource, settings.contentType);
    const { status, text } = await this.#requests.send(
      {
        right: WRITE,
        method: "POST",
        path: `upload/${this.#bucketPath}/o`,
        query: {
          uploadType: "multipart",
          fields: OBJECT_FIELDS,
          ...(settings.onlyNew && { ifGenerationMatch: "0" }),
          ...this.#keyOfEncryption,
        },
        headers: upload.headers,
        body: upload.body,
        outcomes: [412],
      },
      signal,
    );
    if (status === 412) return "exists";
    // A portal or a proxy may say yes to anything.
    if (objectIn(text, this.name).sizeBytes !== body.sizeBytes) throw corruptUpload(this.name);
    return "written";
  }

  async head(key: string, signal: AbortSignal): Promise<FoundObject | undefined> {
    const { status, text } = await this.#requests.send(
      {
        right: READ,
        method: "GET",
        path: this.#objectPath(key),
        query: { fields: OBJECT_FIELDS },
        outcomes: [404],
      },
      signal,
    );
    return status === 404 ? undefined : objectIn(text, this.name);
  }

  list(prefix: string, after: string | undefined, signal: AbortSignal): AsyncIterable<StoredObject> {
    return inOrder(this.#list(prefix, after, PAGE_OBJECTS, signal), this.name);
  }

  read(key: string, version: string, start: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return readOn({
      store: this.name,
      key,
      start,
      open: (at) => this.#open(key, version, at, signal),
      failureOf: (error) => connectionFailure(error, this.name),
      signal,
    });
  }

  /** Begins an upload that sends nothing, and removes it: needs what a sink needs, and makes no object. */
  async tryWriting(key: string, signal: AbortSignal): Promise<void> {
    const { headers } = await this.#requests.send(
      {
        right: WRITE,
        method: "POST",
        path: `upload/${this.#bucketPath}/o`,
        query: { uploadType: "resumable", ...this.#keyOfEncryption },
        headers: { "content-type": "application/json; charset=UTF-8" },
        body: () => [Buffer.from(JSON.stringify(this.#resource(key, {})))],
      },
      signal,
    );
    const session = textOf(headers.location);
    // One that can't be removed is seen by nobody, and is gone after a week.
    const request = { right: WRITE, method: "DELETE", path: session, outcomes: [499] } as const;
    if (session !== "") await this.#requests.send(request, signal).catch(() => signal.throwIfAborted());
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
    pageObjects: number,
    signal: AbortSignal,
  ): AsyncGenerator<StoredObject, void, undefined> {
    let token = "";
    do {
      const { text } = await this.#requests.send(
        {
          right: "storage.objects.list",
          method: "GET",
          path: `${this.#bucketPath}/o`,
          query: {
            prefix,
            maxResults: String(pageObjects),
            fields: `kind,nextPageToken,items(${OBJECT_FIELDS})`,
            ...(after !== undefined && { startOffset: after }),
            ...(token !== "" && { pageToken: token }),
          },
        },
        signal,
      );
      const page = pageIn(text, this.name);
      // The offset is the first key that may be listed.
      for (const object of page.objects) if (object.key !== after) yield object;
      token = page.token;
    } while (token !== "");
  }

  /** Undefined where the object ends before `at`. */
  async #open(key: string, version: string, at: number, signal: AbortSignal): Promise<Reply | undefined> {
    const { status, headers, bytes } = await this.#requests.open(
      {
        right: READ,
        method: "GET",
        path: this.#objectPath(key),
        // A version of the past may be there still; it is the newest that counts.
        query: { alt: "media", ifGenerationMatch: version },
        headers: {
          // Its bytes as they are stored, also where it says that they are compressed.
          "accept-encoding": "gzip",
          ...(at > 0 && { range: `bytes=${at}-` }),
        },
        outcomes: [404, 412, 416],
      },
      signal,
    );
    if (status < 300 && textOf(headers["x-goog-generation"]) === version) {
      const expected = at === 0 ? /crc32c=([^,\s]+)/.exec(textOf(headers["x-goog-hash"]))?.[1] : undefined;
      return {
        bytes,
        sizeBytes: at + Number(headers["content-length"]),
        ...(expected !== undefined && { checksum: new Crc32c(expected) }),
      };
    }
    for await (const _ of bytes) break;
    if (status === 416) return undefined;
    throw objectChanged(this.name, key);
  }

  #objectPath(key: string): string {
    return `${this.#bucketPath}/o/${encodeURIComponent(key)}`;
  }

  #resource(key: string, metadata: Readonly<Record<string, string>>) {
    const { storageClass, metadata: own } = this.#keeping;
    return {
      name: key,
      metadata: { ...own, ...metadata },
      ...(storageClass !== undefined && { storageClass }),
    };
  }

  get #keyOfEncryption(): Readonly<Record<string, string>> {
    const { kmsKey } = this.#keeping;
    return kmsKey === undefined ? {} : { kmsKeyName: kmsKey };
  }
}

class Crc32c implements Checksum {
  readonly #expected: string;
  #crc = 0;

  constructor(expected: string) {
    this.#expected = expected;
  }

  update(bytes: Uint8Array): void {
    this.#crc = crc32c(bytes, 0, bytes.length, this.#crc);
  }

  fits(): boolean {
    return checksumText(this.#crc) === this.#expected;
  }
}
