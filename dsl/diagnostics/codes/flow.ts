// The codes about how personal data flows from source to sink.
import type { DiagnosticPage } from "../codes.ts";

export const flowCodes = {
  "flow.raw-sink": {
    severity: "error",
    title: "A sink would write personal fields in clear",
    why: "The stream was never encrypted. Whoever can read the sink could read every personal field of every person, whatever they consented to.",
    fix: 'Sink the encrypted stream instead, or a stream decrypted for a purpose. Where raw data really must be written, say so and why: `exposing = "legal hold, ticket 123"`.',
    example: {
      wrong: 'sink clicks into file { path = "out/clicks.jsonl" }',
      right: 'encrypt clicks into safe\nsink safe into file { path = "out/clicks.jsonl" }',
    },
  },
  "flow.exposing-needless": {
    severity: "warning",
    title: "`exposing` on a sink that exposes nothing",
    why: "The stream has no raw personal field. The reason would stand there unneeded, and cover a raw field that is added later.",
    fix: "Remove the option.",
    example: {
      wrong: 'sink safe into file { path = "out/safe.jsonl", exposing = "audit" }',
      right: 'sink safe into file { path = "out/safe.jsonl" }',
    },
  },
  "flow.exposing-reason": {
    severity: "error",
    title: "`exposing` gives no reason",
    why: "Writing personal data in clear is allowed only in so many words. The reason is shown by `strm explain` to whoever reviews the pipeline.",
    fix: "Say why, in a few words, with a ticket or a legal basis.",
    example: { wrong: 'exposing = ""', right: 'exposing = "legal hold, ticket 123"' },
  },
  "flow.encrypt-sealed": {
    severity: "error",
    title: "An encrypt of a stream that is sealed already",
    why: "Its personal fields are ciphertext. Sealing them again would bind them to two key links, and only one could stand in the event.",
    fix: "Encrypt the raw stream.",
    example: {
      wrong: "encrypt clicks into safe\nencrypt safe into safer",
      right: "encrypt clicks into safe",
    },
  },
  "flow.decrypt-raw": {
    severity: "error",
    title: "A decrypt of a stream that was never sealed",
    why: "There is nothing to open: every personal field is still in clear, and consent was not recorded.",
    fix: "Encrypt the stream first and decrypt the result. For events that come in sealed write `source NAME of sealed CONTRACT`.",
    example: {
      wrong: "decrypt clicks into research for granular(analytics)",
      right: "encrypt clicks into safe\ndecrypt safe into research for granular(analytics)",
    },
  },
  "flow.cycle": {
    severity: "error",
    title: "Streams are made from each other in a circle",
    why: "No event could ever enter such a circle: each of its streams waits for another.",
    fix: "Let one of them start at a source.",
    example: {
      wrong: "decrypt b into a for granular(1)\ndecrypt a into b for granular(1)",
      right:
        "encrypt clicks into safe\ndecrypt safe into a for granular(1)\ndecrypt a into b for granular(1)",
    },
  },
  "flow.no-rejected": {
    severity: "error",
    title: "An encrypt has no `.rejected`",
    why: "An encrypt refuses nothing. Events that fail decoding or validation are refused by the source they come from.",
    fix: "Sink the `.rejected` of the source.",
    example: {
      wrong: 'sink safe.rejected into file { path = "out/rejected.jsonl" }',
      right: 'sink clicks.rejected into file { path = "out/rejected.jsonl" }',
    },
  },
  "flow.no-keys": {
    severity: "error",
    title: "Only an encrypt has `.keys`",
    why: "Data keys are made where a stream is sealed. Other steps make none.",
    fix: "Sink the `.keys` of the encrypt.",
    example: {
      wrong: 'sink clicks.keys into file { path = "out/keys.csv" }',
      right: 'sink safe.keys into file { path = "out/keys.csv" }',
    },
  },
  "flow.nothing-sealed": {
    severity: "warning",
    title: "A contract without any `@pii` field is sealed",
    why: "Nothing in its events is marked as personal, so nothing is sealed and nothing is protected.",
    fix: "Mark the personal fields of the contract with `@pii(PURPOSE)`.",
    example: { wrong: "session.id  @key", right: "session.id  @key @pii(functional)" },
  },
  "flow.mask-type": {
    severity: "error",
    title: "A mask of a field that is not a text",
    why: "A mask replaces a text by a keyed digest of it. A number or a record in its place would break the schema.",
    fix: "Mask a string or a list of strings. Name the fields of a record one by one.",
    example: { wrong: "mask = [customer]", right: "mask = [customer.id]" },
  },
  "flow.mask-dropped": {
    severity: "error",
    title: "A mask of a field that is dropped",
    why: "The contract drops the field by `@drop`: it stands in no stream, so that there is nothing to replace by a mask.",
    fix: "Remove the path from `mask`, or `@drop` from the contract.",
    example: {
      wrong: "customer.id  @drop\n…\nmask = [customer.id]",
      right: "customer.id\n…\nmask = [customer.id]",
    },
  },
  "flow.mask-meta": {
    severity: "error",
    title: "A mask inside `strmMeta`",
    why: "`strmMeta` is needed as it is: it holds the key link and the consent, and no personal value.",
    fix: "Remove the path from `mask`.",
    example: { wrong: "mask = [strmMeta.keyLink]", right: "mask = [customer.id]" },
  },
  "flow.masked-twice": {
    severity: "error",
    title: "A field is masked twice",
    why: "A mask is one-way. A mask of a mask fits neither the first stream nor any other, so nobody could join by it.",
    fix: "Name the field once, in one decrypt.",
    example: { wrong: "mask = [customer.id, customer.id]", right: "mask = [customer.id]" },
  },
  "flow.mask-seed": {
    severity: "error",
    title: "A mask without a seed",
    why: "Without a secret seed anyone could compute the masks of all likely values and compare.",
    fix: 'Add `mask_seed = secret("MASK_SEED")`.',
    example: {
      wrong: "mask = [customer.id]",
      right: 'mask      = [customer.id]\nmask_seed = secret("MASK_SEED")',
    },
  },
  "flow.mask-missing": {
    severity: "warning",
    title: "A mask's seed or algorithm without a mask",
    why: "Nothing is masked in this decrypt. Perhaps `mask` was forgotten.",
    fix: "Add `mask = [PATH, …]`, or remove the option.",
    example: {
      wrong: 'mask_seed = secret("MASK_SEED")',
      right: 'mask      = [customer.id]\nmask_seed = secret("MASK_SEED")',
    },
  },
  "flow.keys-needed": {
    severity: "error",
    title: "It is not clear which keys are meant",
    why: "More than one `keys` statement is declared. Sealing into the wrong store can't be put right later.",
    fix: "Say which: `keys = NAME`.",
    example: {
      wrong: "keys a in sqlite\nkeys b in sqlite\nencrypt clicks into safe",
      right: "keys a in sqlite\nkeys b in sqlite\nencrypt clicks into safe { keys = a }",
    },
  },
  "flow.keys-differ": {
    severity: "error",
    title: "A decrypt looks for keys where the encrypt didn't put them",
    why: "The fields were sealed with keys of another store, or by another scheme. Not one of them would open.",
    fix: "Remove the option: a decrypt takes both from the encrypt.",
    example: {
      wrong: "encrypt clicks into safe { keys = a }\ndecrypt safe into research for granular(1) { keys = b }",
      right: "encrypt clicks into safe { keys = a }\ndecrypt safe into research for granular(1)",
    },
  },
  "flow.retain-short": {
    severity: "error",
    title: "Keys are removed sooner than they are rotated",
    why: "`retain` counts from the end of a window. Shorter than `rotate`, it would remove keys while late events of the window still arrive and readers still work on it.",
    fix: "Make `retain` at least as long as `rotate`.",
    example: {
      wrong: "keys vault in sqlite { retain = 1h }\nencrypt clicks into safe { rotate = 24h }",
      right: "keys vault in sqlite { retain = 30d }\nencrypt clicks into safe { rotate = 24h }",
    },
  },
  "flow.no-source": {
    severity: "error",
    title: "Nothing can be read from this connector",
    why: "It only writes.",
    fix: "Use a connector that reads.",
    example: {
      wrong: "source clicks of clickstream from stdout",
      right: "source clicks of clickstream from stdin",
    },
  },
  "flow.no-sink": {
    severity: "error",
    title: "This can't be written to this connector",
    why: "It only reads, or it can't hold what the sink would write.",
    fix: "Use a connector that writes.",
    example: { wrong: "sink safe into stdin", right: "sink safe into stdout" },
  },
  "flow.same-place": {
    severity: "error",
    title: "Two sinks write to the same place",
    why: "The one would replace what the other wrote, or the same events would stand there twice.",
    fix: "Give each sink a place of its own, or remove one.",
    example: {
      wrong: 'sink safe   into file { path = "out/a.jsonl" }\nsink report into file { path = "out/a.jsonl" }',
      right:
        'sink safe   into file { path = "out/safe.jsonl" }\nsink report into file { path = "out/report.jsonl" }',
    },
  },
  "flow.own-source": {
    severity: "error",
    title: "A sink writes where a source of the same program reads",
    why: "The next run would read what this one wrote, or the sink would replace the data it was made from.",
    fix: "Write to another place. Mind the wildcards in the source's path.",
    example: {
      wrong:
        'source clicks of clickstream from file { path = "data/*.jsonl" }\nsink safe into file { path = "data/safe.jsonl" }',
      right:
        'source clicks of clickstream from file { path = "data/*.jsonl" }\nsink safe into file { path = "out/safe.jsonl" }',
    },
  },
  "flow.shared-place": {
    severity: "warning",
    title: "Streams that are readable for different purposes share a place",
    why: "Whoever may read one of them there can read the other too. In buckets that holds for a prefix inside of another one, as well: who may read all that stands below the outer one reads what stands in the inner one.",
    fix: "Write them to different places, whose readers are not the same.",
    example: {
      wrong: "sink safe     into stdout\nsink research into stdout",
      right: 'sink safe     into file { path = "out/safe.jsonl" }\nsink research into stdout',
    },
  },
  "flow.shared-credentials": {
    severity: "warning",
    title: "Streams that are readable for different purposes are written with the same credentials",
    why: "Whoever holds the credentials can read both.",
    fix: "Use credentials of their own for each.",
    example: {
      wrong:
        'sink a into s3 { bucket = "a", access_key = secret("S3") }\nsink b into s3 { bucket = "b", access_key = secret("S3") }',
      right:
        'sink a into s3 { bucket = "a", access_key = secret("S3_A") }\nsink b into s3 { bucket = "b", access_key = secret("S3_B") }',
    },
  },
} as const satisfies Record<string, DiagnosticPage>;
