// The options by which a source or sink reaches a bucket of Google Cloud Storage, and as whom.
import { defaulted, duration, optional, required, secret, string } from "../../../dsl/spec/options.ts";

export const gcsConnectionOptions = {
  bucket: required(string(), "The bucket's name."),
  project: optional(
    string(),
    "The project that is billed for requests, where the bucket lets requesters pay. Default: the bucket's own.",
  ),
  endpoint: optional(
    string(),
    'Another address of the service, such as "https://storage-mine.p.googleapis.com", or of a server that speaks its JSON API. Only addresses below `googleapis.com` are given credentials that were not named here.',
  ),
  credentials: optional(
    secret(),
    "A key file's JSON, of a service account or for workload identity federation (`external_account`). Default: what the SDK finds by itself: the file in `GOOGLE_APPLICATION_CREDENTIALS`, that of `gcloud auth application-default login`, the machine's or the pod's own service account.",
  ),
  impersonate: optional(
    string(),
    'A service account to act as, with the credentials above: "strm@project.iam.gserviceaccount.com".',
  ),
  request_timeout: defaulted(
    duration({ minMs: 1000 }),
    30_000,
    "How long a request may go without any progress, in either direction, before it is broken off and made again.",
  ),
};
