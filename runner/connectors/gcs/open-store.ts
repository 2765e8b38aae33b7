// Opens the bucket of a step whose options are those of Google Cloud Storage.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { metadataOf } from "../objects/named-values.ts";
import { optionsFailure } from "../objects/options-failure.ts";
import type { ObjectStore } from "../objects/store.ts";
import { Http } from "./http.ts";
import { type GcsOptions, Identity } from "./identity.ts";
import { Requests } from "./requests.ts";
import { GcsStore, type Keeping } from "./store.ts";
import type { gcsWriteOptions } from "./write-options.ts";

export type GcsWriteOptions = OptionsOf<typeof gcsWriteOptions>;

const SERVICE = "https://storage.googleapis.com";

/** `writing`: of a sink. Throws `bucket.options`; reaches nobody yet. */
export async function openGcsStore(
  options: GcsOptions,
  writing: GcsWriteOptions | undefined,
  step: string,
): Promise<ObjectStore> {
  const { bucket, project, endpoint = SERVICE, request_timeout } = options;
  if (!/^https?:\/\/[^/]/.test(endpoint) || !URL.canParse(endpoint)) {
    throw optionsFailure(step, "`endpoint` is no address", 'Write it as "https://host:port".');
  }
  const url = new URL(endpoint.endsWith("/") ? endpoint : `${endpoint}/`);
  const keeping = writing === undefined ? { metadata: {} } : keepingOf(writing, step);
  const identity = new Identity(options, url, step);
  const billed: Readonly<Record<string, string>> = project === undefined ? {} : { userProject: project };
  const requests = new Requests(new Http(request_timeout), identity, url, `gs://${bucket}`, billed);
  return new GcsStore(requests, bucket, keeping);
}

function keepingOf({ storage_class, kms_key, metadata }: GcsWriteOptions, step: string): Keeping {
  return {
    metadata: metadataOf(metadata, step),
    ...(storage_class !== undefined && { storageClass: storage_class }),
    ...(kms_key !== undefined && { kmsKey: kms_key }),
  };
}
