// The options by which a source or sink reaches a bucket of S3 or of a store that speaks its protocol, and as whom.
import {
  boolean,
  defaulted,
  duration,
  optional,
  required,
  secret,
  string,
} from "../../../dsl/spec/options.ts";

export const s3ConnectionOptions = {
  bucket: required(string(), "The bucket's name."),
  region: optional(
    string(),
    'The region that the bucket is in, such as "eu-central-1". Default: `AWS_REGION`, else that of the profile; with `endpoint`, `us-east-1`.',
  ),
  endpoint: optional(
    string(),
    'The address of a store that speaks the protocol of S3, such as "https://minio.example:9000". Default: Amazon\'s, in the region.',
  ),
  path_style: optional(
    boolean(),
    "Address the bucket in the path (`https://host/bucket/key`) and not in the host's name. Default: `true` with `endpoint`, else `false`.",
  ),
  credentials: optional(
    secret(),
    'An access key, as JSON: `{"access_key_id": "…", "secret_access_key": "…"}`, and `"session_token"` for a temporary one. Default: what the SDK finds by itself: environment variables, web identity (as for a service account in Kubernetes), the default profile, the container\'s or the machine\'s role.',
  ),
  profile: optional(
    string(),
    "A profile of the AWS configuration files (`~/.aws/config`, `~/.aws/credentials`), with whatever it says: keys, SSO, a process, a role. Not with `credentials`.",
  ),
  role: optional(
    string(),
    'The ARN of a role to assume, with the credentials above: "arn:aws:iam::123456789012:role/strm".',
  ),
  role_external_id: optional(string(), "The external id that the role's trust policy asks for."),
  request_timeout: defaulted(
    duration({ minMs: 1000 }),
    30_000,
    "How long a request may go without any progress, in either direction, before it is broken off and made again.",
  ),
};
