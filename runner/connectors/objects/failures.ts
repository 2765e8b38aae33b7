// The failures with a bucket, in words that are the same for all stores. None has an SDK's error as its cause: those hold whole requests, with their signatures.
import { StrmFailure, TransientFailure } from "../../failure.ts";

const RIGHTS = "docs/buckets.md lists what sources and sinks need at least.";
const SAID_CHARACTERS = 300;

/** `store` is for people, in all of these: `s3://bucket`. `why` completes "can't be reached: …". */
export function unreachable(store: string, why: string): TransientFailure {
  return new TransientFailure(
    "bucket.unreachable",
    `${store} can't be reached: ${why}.`,
    "Look whether `endpoint`, or the service's own address, can be reached from here.",
  );
}

/** `why` completes "No TLS connection to … comes about: …". */
export function tlsFailure(store: string, why: string): StrmFailure {
  return new StrmFailure(
    "bucket.tls",
    `No TLS connection to ${store} comes about: ${why}.`,
    "Check `endpoint`. `NODE_EXTRA_CA_CERTS` names a file with authorities that Node does not know.",
  );
}

export function throttled(store: string): TransientFailure {
  return new TransientFailure(
    "bucket.throttled",
    `${store} asks to slow down.`,
    "It is tried again for a while. Fewer and larger objects need fewer requests.",
  );
}

/** `answer`: a status or an error's name. */
export function unavailable(store: string, answer: string): TransientFailure {
  return new TransientFailure(
    "bucket.unavailable",
    `${store} has a failure of its own: it answers with ${answer}.`,
    "It is tried again for a while. Look at the store's health.",
  );
}

export function noBucket(store: string): StrmFailure {
  return new StrmFailure(
    "bucket.no-bucket",
    `There is no bucket ${store}.`,
    "Correct `bucket`, or make the bucket.",
  );
}

/** `right` as the store names it: `s3:PutObject`. */
export function denied(store: string, right: string): StrmFailure {
  return new StrmFailure(
    "bucket.denied",
    `${store} does not allow it: the right \`${right}\` is missing.`,
    `Grant it to whom the credentials belong to. ${RIGHTS}`,
  );
}

/** `why` is a sentence. */
export function noCredentials(store: string, why: string): StrmFailure {
  return new StrmFailure(
    "bucket.no-credentials",
    `There are no credentials for ${store}: ${why}`,
    'Give the step `credentials`, as in `credentials = env("NAME")`, or set up what the SDK finds by itself.',
  );
}

export function badCredentials(store: string): StrmFailure {
  return new StrmFailure(
    "bucket.bad-credentials",
    `${store} does not take the credentials.`,
    "Check what `credentials`, `profile` or the environment hold, and whether that is for this store.",
  );
}

export function expiredCredentials(store: string): StrmFailure {
  return new StrmFailure(
    "bucket.expired-credentials",
    `The credentials for ${store} have expired.`,
    "Get new ones and run again. For long runs use a role, or the identity of the machine: those are renewed by themselves.",
  );
}

/** `region`: the right one, where the store tells. */
export function wrongRegion(store: string, region: string | undefined): StrmFailure {
  return new StrmFailure(
    "bucket.region",
    region === undefined
      ? `${store} is in another region than \`region\` says.`
      : `${store} is in the region ${region}.`,
    region === undefined ? "Look the bucket's region up at the store." : `Say \`region = "${region}"\`.`,
  );
}

export function wrongClock(store: string): StrmFailure {
  return new StrmFailure(
    "bucket.clock",
    `${store} refuses requests: the clock of this machine differs from its own by too much.`,
    "Set the clock, best by NTP, and run again.",
  );
}

export function objectChanged(store: string, key: string): StrmFailure {
  return new StrmFailure(
    "bucket.object-changed",
    `${store}/${key} was replaced or deleted while it was read.`,
    "Run again to read it anew.",
  );
}

/** Of bytes that were read; those that were to be written are sent again. */
export function corruptObject(store: string, key: string): StrmFailure {
  return new StrmFailure(
    "bucket.corrupt",
    `What was read of ${store}/${key} does not fit its checksum.`,
    "Look at proxies between here and the store, and whether others can read the object.",
  );
}

export function corruptUpload(store: string): TransientFailure {
  return new TransientFailure(
    "bucket.corrupt",
    `What arrives in ${store} does not fit the checksum that was sent with it.`,
    "Look at proxies between here and the store.",
  );
}

/** `said`: what the store says, which never holds a byte of an object. */
export function refused(store: string, said: string): StrmFailure {
  return new StrmFailure(
    "bucket.refused",
    `${store} refuses a request: ${said.replace(/\s+/g, " ").slice(0, SAID_CHARACTERS)}`,
    "Change the option that this is about.",
  );
}
