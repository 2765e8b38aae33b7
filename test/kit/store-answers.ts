// What stores of objects answer where they refuse or can't, in the words of S3's XML and of Google Cloud Storage's JSON.

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Codes, statuses and messages as Amazon S3 has them. */
const s3Errors = {
  SlowDown: [503, "Please reduce your request rate."],
  ServiceUnavailable: [503, "Service is unable to handle request."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  TooManyRequests: [429, "Please reduce your request rate."],
  RequestTimeout: [
    400,
    "Your socket connection to the server was not read from or written to within the timeout period.",
  ],
  AccessDenied: [403, "Access Denied"],
  InvalidAccessKeyId: [403, "The AWS Access Key Id you provided does not exist in our records."],
  SignatureDoesNotMatch: [
    403,
    "The request signature we calculated does not match the signature you provided.",
  ],
  RequestTimeTooSkewed: [403, "The difference between the request time and the current time is too large."],
  ExpiredToken: [400, "The provided token has expired."],
  InvalidToken: [400, "The provided token is malformed or otherwise invalid."],
  PermanentRedirect: [
    301,
    "The bucket you are attempting to access must be addressed using the specified endpoint.",
  ],
  AuthorizationHeaderMalformed: [
    400,
    "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-3'",
  ],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchUpload: [404, "The specified multipart upload does not exist."],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  ConditionalRequestConflict: [
    409,
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
  ],
  BadDigest: [
    400,
    "The Content-MD5 or checksum value that you specified did not match what the server received.",
  ],
  NotImplemented: [501, "A header you provided implies functionality that is not implemented."],
  InvalidStorageClass: [400, "The storage class you specified is not valid"],
} as const;

export type S3Error = keyof typeof s3Errors;

/** Where the bucket is, as answers of a wrong region tell it. */
const REGION = "eu-west-3";

export function s3Answer(code: S3Error): StoreAnswer {
  const [status, message] = s3Errors[code];
  const redirect = `<Endpoint>some-bucket.s3.${REGION}.amazonaws.com</Endpoint><Bucket>some-bucket</Bucket>`;
  const more: Readonly<Record<string, string>> = {
    PermanentRedirect: redirect,
    AuthorizationHeaderMalformed: `<Region>${REGION}</Region>`,
  };
  const wrongRegion = code in more ? { "x-amz-bucket-region": REGION } : {};
  return {
    status,
    headers: { "content-type": "application/xml", "x-amz-request-id": "4442587FB7D0A2F9", ...wrongRegion },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more[code] ?? ""}<RequestId>4442587FB7D0A2F9</RequestId></Error>`,
  };
}

/** Reasons, statuses, domains and messages as Google Cloud Storage has them. */
const gcsErrors = {
  rateLimitExceeded: [
    429,
    "usageLimits",
    "The object exceeded the rate limit for object mutation operations.",
  ],
  backendError: [503, "global", "We encountered an internal error. Please try again."],
  internalError: [500, "global", "We encountered an internal error. Please try again."],
  forbidden: [
    403,
    "global",
    "someone@example.com does not have storage.objects.create access to the Google Cloud Storage object.",
  ],
  userProjectAccountProblem: [
    403,
    "global",
    "The project to be billed is associated with an absent billing account.",
  ],
  authError: [401, "global", "Invalid Credentials"],
  required: [
    401,
    "global",
    "Anonymous caller does not have storage.objects.create access to the Google Cloud Storage object.",
  ],
  notFound: [404, "global", "The specified bucket does not exist."],
  conditionNotMet: [412, "global", "At least one of the pre-conditions you specified did not hold."],
  invalid: [400, "global", "Invalid argument."],
} as const;

export type GcsError = keyof typeof gcsErrors;

export function gcsAnswer(reason: GcsError): StoreAnswer {
  const [code, domain, message] = gcsErrors[reason];
  return {
    status: code,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify({ error: { code, message, errors: [{ message, domain, reason }] } }),
  };
}
