// The S3 server and the Google Cloud Storage server that test files share: ours, or those that `S3_ENDPOINT` and `GCS_ENDPOINT` name.
import process from "node:process";
import type { GcsPlace } from "./gcs-server.ts";
import { pythonMissing } from "./python.ts";
import type { S3Credentials } from "./s3-request.ts";
import type { S3Place } from "./s3-server.ts";
import { needServer } from "./servers.ts";
import { sharedServer } from "./shared-server.ts";

/** True where `sharedS3` gives one; see `needServer`. */
export function hasSharedS3(): boolean {
  return process.env.S3_ENDPOINT !== undefined || hasOwnS3();
}

/** True where a test may have an S3 server of its own, to be killed; see `needServer`. */
export function hasOwnS3(): boolean {
  return needServer("An S3 server", pythonMissing());
}

/**
 * The server at `S3_ENDPOINT`, else one that is started when it is asked for first. With `S3_ENDPOINT`: `S3_REGION` (`us-east-1`), `S3_ACCESS_KEY_ID` and
 * `S3_SECRET_ACCESS_KEY` of whom the tests are; `S3_ADMIN_…`, the same of whom may make buckets, if that is another one; `S3_READER_…` of whom may only read, without whom
 * tests of rights are skipped. Buckets that tests made there stay.
 */
export async function sharedS3(): Promise<S3Place> {
  const { S3_ENDPOINT: endpoint, S3_REGION: region = "us-east-1" } = process.env;
  if (endpoint === undefined) return await sharedServer<S3Place>("s3");
  const app = givenUser("S3_");
  if (app === undefined) throw new Error("S3_ENDPOINT needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY");
  return { endpoint, region, app, reader: givenUser("S3_READER_"), admin: givenUser("S3_ADMIN_") ?? app };
}

function givenUser(prefix: string): S3Credentials | undefined {
  const accessKeyId = process.env[`${prefix}ACCESS_KEY_ID`];
  const secretAccessKey = process.env[`${prefix}SECRET_ACCESS_KEY`];
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}

/** True where `sharedGcs` gives one; see `needServer`. */
export function hasSharedGcs(): boolean {
  return process.env.GCS_ENDPOINT !== undefined || hasOwnGcs();
}

/** True where a test may have a Google Cloud Storage server of its own, to be killed; see `needServer`. */
export function hasOwnGcs(): boolean {
  return needServer("A Google Cloud Storage server", pythonMissing());
}

/** The server at `GCS_ENDPOINT`, which must ask for no credentials (`GCS_PROJECT`, `strm-test`, gets the buckets, and they stay), else one that is started when it is asked for first. */
export async function sharedGcs(): Promise<GcsPlace> {
  const { GCS_ENDPOINT: endpoint, GCS_PROJECT: project = "strm-test" } = process.env;
  return endpoint === undefined ? await sharedServer<GcsPlace>("gcs") : { endpoint, project };
}
