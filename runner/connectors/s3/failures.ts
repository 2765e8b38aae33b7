// What an error of the SDK for S3 means: by the name that the store gave it, else by its status, else by its connection.
import { StrmFailure } from "../../failure.ts";
import {
  badCredentials,
  corruptUpload,
  denied,
  expiredCredentials,
  noBucket,
  noCredentials,
  refused,
  throttled,
  unavailable,
  unreachable,
  wrongClock,
  wrongRegion,
} from "../objects/failures.ts";
import { membersOf } from "../objects/members.ts";
import { reachFailure } from "../objects/reach.ts";

/** What a store answered instead of doing what was asked. */
export interface Refusal {
  /** `PreconditionFailed`; for an answer without words of S3's the status's own, or empty. */
  readonly name: string;
  readonly status: number;
  /** Empty as `name` may be. */
  readonly message: string;
  /** The bucket's, in answers to those who ask in another one. */
  readonly region: string | undefined;
  /** The SDK has corrected its idea of the time by this answer. */
  readonly clockCorrected: boolean;
}

/** Names of answers without words, as those to HEAD requests. */
const byStatus: Readonly<Record<number, string>> = {
  301: "PermanentRedirect",
  403: "Forbidden",
  404: "NotFound",
  412: "PreconditionFailed",
  416: "InvalidRange",
  429: "TooManyRequests",
};

/** Undefined for an error that is no answer of the store's. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const { httpStatusCode: status, clockSkewCorrected } = membersOf("$metadata" in error && error.$metadata);
  if (typeof status !== "number") return undefined;
  const headers = membersOf(membersOf("$response" in error && error.$response).headers);
  const region = ("Region" in error && error.Region) || headers["x-amz-bucket-region"];
  // What the SDK says itself of an answer that it can't read is of no use to people.
  const wordless = /^(?:Unknown|Error$|SyntaxError$|\d)/.test(error.name) || "$responseBodyText" in error;
  return {
    name: wordless ? (byStatus[status] ?? "") : error.name,
    status,
    message: wordless ? "" : error.message,
    region: typeof region === "string" ? region : undefined,
    clockCorrected: clockSkewCorrected === true,
  };
}

const clockNames = new Set(["RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"]);

export function isClockRefusal({ name }: Refusal): boolean {
  return clockNames.has(name);
}

const expired = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);
const bad = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidToken",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "AuthFailure",
  "NotSignedUp",
]);
const slow =
  /^(?:SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded|PriorRequestNotComplete)/;
const regional = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);
const corrupt = new Set(["BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"]);
/** Answers without a body have no name of the store's. Others with the same status are about the state of an object or an account. */
const forbidding = /^(?:AccessDenied|AllAccessDisabled|Forbidden|Unauthorized)/;
const passing = new Set(["InternalError", "ConditionalRequestConflict", "OperationAborted"]);

/** `right`: what the request needs. An error of nobody's is given back as it is. */
export function s3Failure(error: unknown, store: string, right: string): unknown {
  if (error instanceof StrmFailure) return error;
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusalFailure(refusal, store, right);
  const reach = reachFailure(error, store);
  if (reach !== undefined) return reach;
  if (!(error instanceof Error)) return error;
  if (error.name === "CredentialsProviderError" || error.name === "TokenProviderError") {
    return noCredentials(store, sentence(error.message.split("\n")[0] ?? ""));
  }
  // What the SDK could not read as an answer hangs on the error as it came.
  return "$response" in error ? refused(store, "what it answers is not the protocol of S3.") : error;
}

function refusalFailure(refusal: Refusal, store: string, right: string): StrmFailure {
  const { name, status, message, region } = refusal;
  if (isClockRefusal(refusal)) return wrongClock(store);
  if (expired.has(name)) return expiredCredentials(store);
  if (bad.has(name)) return badCredentials(store);
  if (slow.test(name)) return throttled(store);
  if (regional.has(name)) return wrongRegion(store, region);
  if (corrupt.has(name)) return corruptUpload(store);
  if (name === "NoSuchBucket") return noBucket(store);
  if (name === "RequestTimeout") return unreachable(store, "what is sent does not arrive in time");
  if (passing.has(name) || (status >= 500 && status !== 501)) {
    return unavailable(store, `${status} ${name}`.trim());
  }
  if (forbidding.test(name) || status === 401) return denied(store, missingRight(message) ?? right);
  if (message === "") return refused(store, `it answers with ${status}, and in no words of S3's.`);
  return refused(store, `${status} ${name}: ${message}`);
}

/** Amazon says it in words: `… is not authorized to perform: s3:PutObject on resource: …`. */
function missingRight(message: string): string | undefined {
  return /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
