// Writes an object to S3: in one request, or in parts that become an object by one last request.
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { refused, unavailable } from "../objects/failures.ts";
import { type Part, partBytesOf, sendParts } from "../objects/parts.ts";
import type { ObjectBody } from "../objects/store.ts";
import type { Requests } from "./requests.ts";

/** What the requests that make an object have in common. */
export type ObjectInput = Pick<
  CreateMultipartUploadCommandInput,
  | "Bucket"
  | "Key"
  | "ContentType"
  | "Metadata"
  | "StorageClass"
  | "ServerSideEncryption"
  | "SSEKMSKeyId"
  | "Tagging"
>;

export type PutOutcome = "written" | "exists";

const WRITE = "s3:PutObject";
/** An upload that is gone before it was completed is begun again, so often. */
const BEGINNINGS = 3;
/** For removing parts, also when the run is being stopped. */
const ABORT_PATIENCE_MS = 5000;

export class S3Put {
  readonly #requests: Requests;
  readonly #input: ObjectInput;
  readonly #body: ObjectBody;
  readonly #onlyNew: boolean;
  readonly #signal: AbortSignal;

  constructor(
    requests: Requests,
    input: ObjectInput,
    body: ObjectBody,
    onlyNew: boolean,
    signal: AbortSignal,
  ) {
    this.#requests = requests;
    this.#input = input;
    this.#body = body;
    this.#onlyNew = onlyNew;
    this.#signal = signal;
  }

  /** `isOurs`: whether the key has this very body by now. */
  async write(isOurs: () => Promise<boolean>): Promise<PutOutcome> {
    if (this.#body.sizeBytes <= partBytesOf(this.#body.sizeBytes)) return this.#inOne();
    for (let beginning = 0; beginning < BEGINNINGS; beginning++) {
      const outcome = await this.#inParts();
      if (outcome !== "gone") return outcome;
      if (await isOurs()) return "written";
    }
    throw unavailable(this.#requests.store, `refusals to complete ${BEGINNINGS} uploads`);
  }

  async #inOne(): Promise<PutOutcome> {
    const bytes = await this.#body.read(0, this.#body.sizeBytes);
    return this.#requests.send<PutOutcome>(
      {
        right: WRITE,
        run: async (client, options) => {
          await client.send(
            new PutObjectCommand({
              ...this.#input,
              Body: bytes,
              ContentLength: bytes.length,
              ChecksumCRC32: checksumOf(bytes),
              ...this.#condition,
            }),
            options,
          );
          return "written";
        },
        outcomes: { PreconditionFailed: "exists" },
      },
      this.#signal,
    );
  }

  /** `gone`: the upload can't be completed any more. It may have been, by a request whose answer was lost. */
  async #inParts(): Promise<PutOutcome | "gone"> {
    const id = await beginUpload(this.#requests, this.#input, this.#signal);
    try {
      const send = (part: Part, signal: AbortSignal) => this.#sendPart(id, part, signal);
      const parts = await sendParts(this.#body, send, this.#signal);
      const outcome = await this.#complete(id, parts);
      // The store keeps the parts of an upload that it refused to complete.
      if (outcome !== "written") await abandonUpload(this.#requests, this.#input, id);
      return outcome;
    } catch (error) {
      await abandonUpload(this.#requests, this.#input, id);
      throw error;
    }
  }

  async #sendPart(id: string, { number, bytes }: Part, signal: AbortSignal): Promise<CompletedPart> {
    const { Bucket, Key } = this.#input;
    const checksum = checksumOf(bytes);
    const { ETag } = await this.#requests.send(
      {
        right: WRITE,
        run: (client, options) =>
          client.send(
            new UploadPartCommand({
              Bucket,
              Key,
              UploadId: id,
              PartNumber: number,
              Body: bytes,
              ContentLength: bytes.length,
              ChecksumCRC32: checksum,
            }),
            options,
          ),
      },
      signal,
    );
    return { PartNumber: number, ETag, ChecksumCRC32: checksum };
  }

  #complete(id: string, parts: readonly CompletedPart[]): Promise<PutOutcome | "gone"> {
    const { Bucket, Key } = this.#input;
    return this.#requests.send<PutOutcome | "gone">(
      {
        right: WRITE,
        run: async (client, options) => {
          await client.send(
            new CompleteMultipartUploadCommand({
              Bucket,
              Key,
              UploadId: id,
              MultipartUpload: { Parts: [...parts] },
              ...this.#condition,
            }),
            options,
          );
          return "written";
        },
        outcomes: {
          PreconditionFailed: "exists",
          NoSuchUpload: "gone",
          NotFound: "gone",
          // Somebody wrote or deleted the key just then: Amazon asks for another upload.
          ConditionalRequestConflict: "gone",
        },
      },
      this.#signal,
    );
  }

  get #condition(): { readonly IfNoneMatch?: "*" } {
    return this.#onlyNew ? { IfNoneMatch: "*" } : {};
  }
}

/** The id of an upload that holds no parts yet. */
export async function beginUpload(
  requests: Requests,
  input: ObjectInput,
  signal: AbortSignal,
): Promise<string> {
  const { UploadId } = await requests.send(
    {
      right: WRITE,
      run: (client, options) =>
        client.send(new CreateMultipartUploadCommand({ ...input, ChecksumAlgorithm: "CRC32" }), options),
    },
    signal,
  );
  if (UploadId === undefined) throw refused(requests.store, "it begins an upload without an id");
  return UploadId;
}

/** Throws where the upload can't be removed. */
export function endUpload(
  requests: Requests,
  { Bucket, Key }: ObjectInput,
  id: string,
  signal: AbortSignal,
): Promise<unknown> {
  return requests.send<unknown>(
    {
      right: "s3:AbortMultipartUpload",
      run: (client, options) =>
        client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }), options),
      outcomes: { NoSuchUpload: "gone", NotFound: "gone" },
    },
    signal,
  );
}

/** What can't be removed is in nobody's way, and a rule of the bucket's removes it by and by. */
async function abandonUpload(requests: Requests, input: ObjectInput, id: string): Promise<void> {
  await endUpload(requests, input, id, AbortSignal.timeout(ABORT_PATIENCE_MS)).catch(() => {});
}

/** Each request has that of its own bytes: not every store knows one of a whole that was sent in parts. */
function checksumOf(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}
