// Opens buckets of the servers that tests share, as steps with such options would.
import { openGcsStore } from "../../runner/connectors/gcs/open-store.ts";
import type { ObjectStore } from "../../runner/connectors/objects/store.ts";
import { openS3Store } from "../../runner/connectors/s3/open-store.ts";
import type { GcsPlace } from "./gcs-server.ts";
import type { S3Credentials } from "./s3-request.ts";
import type { S3Place } from "./s3-server.ts";

const REQUEST_TIMEOUT_MS = 10_000;

type S3Options = Parameters<typeof openS3Store>[0];
type GcsOptions = Parameters<typeof openGcsStore>[0];
type Wanted<Options extends { readonly bucket: string }> = Partial<Options> & Pick<Options, "bucket">;

/** As the option `credentials` takes it. */
export function accessKeyOf({ accessKeyId, secretAccessKey }: S3Credentials): string {
  return JSON.stringify({ access_key_id: accessKeyId, secret_access_key: secretAccessKey });
}

export async function openS3(
  { endpoint, region, app }: Pick<S3Place, "endpoint" | "region" | "app">,
  options: Wanted<S3Options>,
  writing?: Parameters<typeof openS3Store>[1],
): Promise<ObjectStore> {
  const common = { endpoint, region, credentials: accessKeyOf(app), request_timeout: REQUEST_TIMEOUT_MS };
  return await openS3Store({ ...common, ...options }, writing, "test");
}

export async function openGcs(
  { endpoint }: Pick<GcsPlace, "endpoint">,
  options: Wanted<GcsOptions>,
  writing?: Parameters<typeof openGcsStore>[1],
): Promise<ObjectStore> {
  return await openGcsStore({ endpoint, request_timeout: REQUEST_TIMEOUT_MS, ...options }, writing, "test");
}
