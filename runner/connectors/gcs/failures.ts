// What an answer of Google Cloud Storage means, and an error on the way to an identity.
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
} from "../objects/failures.ts";
import { membersIn, membersOf, textOf } from "../objects/members.ts";
import { reachFailure } from "../objects/reach.ts";

/** What a service answered instead of doing what was asked. */
export interface Refusal {
  readonly status: number;
  /** `rateLimitExceeded`, `invalid_grant`; may be empty. */
  readonly reason: string;
  readonly message: string;
}

/** Of an answer's body, whatever it is. */
export function refusalOf(status: number, body: string): Refusal {
  const members = membersIn(body);
  const error = membersOf(members.error);
  const [first] = Array.isArray(error.errors) ? error.errors : [];
  return {
    status,
    reason: textOf(membersOf(first).reason) || textOf(members.error),
    message: textOf(error.message) || textOf(members.error_description) || textOf(members.error) || body,
  };
}

const slow = new Set(["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"]);

/** Others are about bills, accounts and policies. */
const reasonsForRights = new Set(["forbidden", "insufficientPermissions"]);

/** `right`: what the request needs. */
export function refusalFailure(
  { status, reason, message }: Refusal,
  store: string,
  right: string,
): StrmFailure {
  if (status === 429 || (status === 403 && slow.has(reason))) return throttled(store);
  if (status === 408) return unreachable(store, "what is sent does not arrive in time");
  if (status >= 500 && status !== 501) return unavailable(store, String(status));
  if (status === 401 && reason === "required") return noCredentials(store, "it asks for some, and got none.");
  if (status === 401) return badCredentials(store);
  if (status === 403 && (reason === "" || reasonsForRights.has(reason))) {
    return denied(store, missingRight(message) ?? right);
  }
  if (status === 404) return noBucket(store);
  if (status === 400 && /checksum|crc32c|md5|hash/i.test(message)) return corruptUpload(store);
  return refused(store, `it answers with ${status} ${message}`.trim());
}

/** Of an error that came with the identity; an error of nobody's is given back as it is. */
export function identityFailure(error: unknown, store: string): unknown {
  const refusal = answerIn(error);
  if (refusal === undefined) {
    const reach = reachFailure(error, `the issuer of tokens for ${store}`);
    if (reach !== undefined) return reach;
    return error instanceof Error ? noCredentials(store, reasonOf(error.message)) : error;
  }
  const { status, message } = refusal;
  if (/\biat\b|\bexp\b|short-lived|timeframe/i.test(message)) return wrongClock(store);
  if (status === 403) return denied(store, missingRight(message) ?? "iam.serviceAccounts.getAccessToken");
  if (status === 429 || status >= 500) return refusalFailure(refusal, store, "");
  return /expired/i.test(message) ? expiredCredentials(store) : badCredentials(store);
}

/** Of an error of a connection; an error of nobody's is given back as it is. */
export function connectionFailure(error: unknown, store: string): unknown {
  return error instanceof StrmFailure ? error : (reachFailure(error, store) ?? error);
}

/** Other texts of the SDK's may quote a key file. */
function reasonOf(message: string): string {
  if (message.includes("Could not load the default credentials")) {
    return "none of the places where Google's SDK looks has any.";
  }
  return message.includes("GOOGLE_APPLICATION_CREDENTIALS")
    ? "the file that `GOOGLE_APPLICATION_CREDENTIALS` names can't be read."
    : "what was found can't be used.";
}

/** What an issuer of tokens answered, which hangs on errors of the SDK. */
function answerIn(error: unknown): Refusal | undefined {
  const response = error instanceof Error && "response" in error ? error.response : undefined;
  // No plain object: a copy would lack what its class has.
  if (typeof response !== "object" || response === null || !("status" in response)) return undefined;
  const { status } = response;
  const data = "data" in response ? response.data : undefined;
  if (typeof status !== "number") return undefined;
  return refusalOf(status, typeof data === "string" ? data : JSON.stringify(data ?? ""));
}

/** Google says it in words: `… does not have storage.objects.create access to …`. */
function missingRight(message: string): string | undefined {
  return /\b((?:storage|iam|cloudkms)\.[a-zA-Z]+\.[a-zA-Z]+)\b/.exec(message)?.[1];
}
