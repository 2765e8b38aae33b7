// The codes of failures with a bucket.
import type { CodePage } from "../../../dsl/diagnostics/code-page.ts";

export const bucketFailureCodes = {
  "bucket.unreachable": {
    title: "The store of objects does not answer",
    why: "No connection comes about, or connections break off or stay silent for `request_timeout`, and tries for some seconds had no success. The network, the address, or the store itself may be the reason.",
    fix: "Look whether `endpoint` (or the region's address) can be reached from here. It is tried again for a while.",
    example: { wrong: 'endpoint = "minio:9000"', right: 'endpoint = "http://minio:9000"' },
  },
  "bucket.tls": {
    title: "No TLS connection to the store of objects comes about",
    why: "The store's certificate is not vouched for by an authority that Node trusts, bears another name or has expired, or the port does not speak TLS.",
    fix: "Put right what the message names. `NODE_EXTRA_CA_CERTS` names a file with authorities of your own; `http://` in `endpoint` is for stores without TLS.",
  },
  "bucket.throttled": {
    title: "The store of objects asks to slow down",
    why: "There are more requests than it takes, from here or from others who use the bucket (503 SlowDown, 429), and waiting for some seconds did not help.",
    fix: "It is tried again for a while. Where it happens often, write fewer and larger objects (`every`, `max_size`), or spread them over prefixes.",
  },
  "bucket.unavailable": {
    title: "The store of objects has a failure of its own",
    why: "It answered with an error (500 to 599) that is no fault of the request, and went on so for some seconds.",
    fix: "It is tried again for a while. Look at the store's health, or its status page.",
  },
  "bucket.no-bucket": {
    title: "There is no such bucket",
    why: "The name is mistyped, the bucket was deleted, or it is with another store than `endpoint` names. Buckets are never made by strm.",
    fix: "Correct `bucket`, or make the bucket.",
  },
  "bucket.denied": {
    title: "The store of objects does not allow it",
    why: "The credentials are good, but lack a right to the bucket, to the key of encryption, or to the role. The message says which, as far as the store tells.",
    fix: "Grant the right: docs/buckets.md lists what sources and sinks need at least.",
  },
  "bucket.no-credentials": {
    title: "There are no credentials for the bucket",
    why: "The step names none, and none of the places where the store's SDK looks has any: environment variables, configuration files, the machine's or the pod's identity. Or those that are named can't be read.",
    fix: "Give the step `credentials`, or set up one of these places.",
    example: { wrong: 's3 { bucket = "b" }', right: 's3 { bucket = "b", credentials = env("UPLOADER") }' },
  },
  "bucket.bad-credentials": {
    title: "The store of objects does not take the credentials",
    why: "It does not know the key, the key's secret is another one, or the key was disabled.",
    fix: "Check what `credentials`, `profile` or the environment hold, and whether they belong to this store.",
  },
  "bucket.expired-credentials": {
    title: "The credentials for the bucket have expired",
    why: "They are temporary, and their time is over. Those that the SDK gets by itself are renewed in time; a session token that was handed over can't be.",
    fix: "Get new ones and run again: it goes on from its last checkpoint. For long runs use a `role`, a `profile` or the machine's identity.",
  },
  "bucket.region": {
    title: "The bucket is in another region",
    why: "Requests are signed for one region, and the store takes only those for the bucket's own; or no region is known at all.",
    fix: "Set `region` to the one that the message names, or look it up at the store.",
    example: { wrong: 'region = "us-east-1"', right: 'region = "eu-central-1"' },
  },
  "bucket.clock": {
    title: "The clock of this machine is wrong",
    why: "Requests are signed with the time, and the store refuses those that differ from its own by more than some minutes.",
    fix: "Set the clock, best by NTP, and run again.",
  },
  "bucket.corrupt": {
    title: "What was sent is not what arrived",
    why: "The checksum of an object's bytes does not fit them: they were changed on their way to or from the store, or in it.",
    fix: "Uploads are tried again. Where it stays, look at proxies between here and the store, and at the memory of this machine; an object that can't be read any more has to be written anew.",
  },
  "bucket.refused": {
    title: "The store of objects refuses a request",
    why: "It answered that something in the request is not allowed or not known: a storage class, a key of encryption, a tag, the name of the bucket; or the object is archived. The message says what the store said.",
    fix: "Change the option that the message is about.",
  },
} as const satisfies Record<string, CodePage>;
