// Opens the bucket of a step whose options are those of S3.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { metadataOf, tagsOf } from "../objects/named-values.ts";
import { optionsFailure } from "../objects/options-failure.ts";
import type { ObjectStore } from "../objects/store.ts";
import { type S3Options, s3Client } from "./client.ts";
import { Requests } from "./requests.ts";
import { type Keeping, S3Store } from "./store.ts";
import type { s3WriteOptions } from "./write-options.ts";

export type S3WriteOptions = OptionsOf<typeof s3WriteOptions>;

/** `writing`: of a sink. Throws `bucket.options` and `bucket.region`; reaches nobody yet. */
export async function openS3Store(
  options: S3Options,
  writing: S3WriteOptions | undefined,
  step: string,
): Promise<ObjectStore> {
  const keeping = writing === undefined ? {} : keepingOf(writing, step);
  const client = await s3Client(options, step);
  return new S3Store(new Requests(client, `s3://${options.bucket}`), options.bucket, keeping);
}

function keepingOf(
  { storage_class, encryption, kms_key, metadata, tags }: S3WriteOptions,
  step: string,
): Keeping {
  if (kms_key !== undefined && encryption !== "kms") {
    throw optionsFailure(
      step,
      "`kms_key` is given without `encryption = kms`",
      "Add it, or leave the key out.",
    );
  }
  const Tagging = tagsOf(tags, step);
  return {
    Metadata: metadataOf(metadata, step),
    ...(storage_class !== undefined && { StorageClass: storage_class }),
    ...(encryption !== "none" && { ServerSideEncryption: encryption === "kms" ? "aws:kms" : "AES256" }),
    ...(kms_key !== undefined && { SSEKMSKeyId: kms_key }),
    ...(Tagging !== "" && { Tagging }),
  };
}
