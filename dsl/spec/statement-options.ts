// The options that statements have of their own, beside those of the connector or the key store they name.
import type { KeyStoreSpec, SinkSpec, SourceSpec } from "./connector-spec.ts";
import {
  choice,
  defaulted,
  duration,
  either,
  field,
  fixed,
  integer,
  keys,
  list,
  type OptionTable,
  optional,
  secret,
  size,
  string,
} from "./options.ts";

export const sourceOptions = {
  max_event: fixed(
    defaulted(
      size({ minBytes: 1024, maxBytes: 268_435_456 }),
      16_777_216,
      "The longest event that is read, line end excluded. A longer one is rejected.",
    ),
  ),
} as const satisfies OptionTable;

export const sinkOptions = {
  exposing: fixed(
    optional(string(), "Why raw personal fields may be written in clear here. Shown by `strm explain`."),
  ),
} as const satisfies OptionTable;

const scheme = choice("purpose_bound", "strm");

export const encryptOptions = {
  keys: fixed(
    optional(
      keys(),
      "The `keys` statement that holds the data keys. Default: the only one, else the default store.",
    ),
  ),
  rotate: fixed(
    defaulted(
      either(duration({ minMs: 60_000 }), choice("daily")),
      86_400_000,
      "How long equal values share a data key, from the first event on; `daily`: UTC calendar days.",
    ),
  ),
  scheme: fixed(
    defaulted(
      scheme,
      "purpose_bound",
      "How fields are sealed: a key for each purpose, or `strm` for consumers of STRM Privacy.",
    ),
  ),
} as const satisfies OptionTable;

export const decryptOptions = {
  keys: fixed(
    optional(keys(), "The `keys` statement that holds the data keys. Default: that of the encrypt."),
  ),
  scheme: fixed(optional(scheme, "How fields were sealed. Default: as the encrypt says.")),
  mask: fixed(defaulted(list(field()), [], "Fields to replace by a keyed one-way digest, after opening.")),
  mask_seed: optional(
    secret(),
    "The key of the digest. Required with `mask`. The same seed gives the same masks.",
  ),
  mask_algorithm: fixed(
    defaulted(
      choice("hmac_sha256", "murmur3"),
      "hmac_sha256",
      "The digest; `murmur3` gives the masks of STRM Privacy.",
    ),
  ),
} as const satisfies OptionTable;

export const keysOptions = {
  retain: fixed(
    optional(
      duration({ minMs: 60_000 }),
      "How long after its window closed a key is removed. What it sealed is then unreadable for good. Default: never.",
    ),
  ),
  cached_links: fixed(
    optional(
      integer({ min: 1000, max: 100_000_000 }),
      "How many key links each runner keeps at hand, at some 140 bytes each; for those beyond, the store is asked again. Default: 131072.",
    ),
  ),
  master_key: optional(
    secret(),
    "The JSON Web Key that wraps the data keys. Default: the environment variable STRM_MASTER_KEY, else a key that is made on first use.",
  ),
} as const satisfies OptionTable;

/** Everything that may stand in the block of a source: its connector's options and the statement's own. */
export function tableOfSource(spec: SourceSpec): OptionTable {
  return { ...spec.options, ...sourceOptions, ...formatOption(spec.formats) };
}

/** Everything that may stand in the block of a sink. Which of the formats suits what is written is checked apart. */
export function tableOfSink(spec: SinkSpec): OptionTable {
  const { events, rejected, keys } = spec.formats;
  return {
    ...spec.options,
    ...sinkOptions,
    ...formatOption([...new Set([...events, ...rejected, ...keys])]),
  };
}

/** Everything that may stand in the block of a `keys` statement. */
export function tableOfKeys(spec: KeyStoreSpec): OptionTable {
  return { ...spec.options, ...keysOptions };
}

function formatOption(formats: readonly string[]): OptionTable {
  if (formats.length === 0) return {};
  const doc =
    "The form of what is read or written. Default: by the extension of `path` or `pattern`, else the connector's first.";
  return { format: fixed(optional(choice(...formats), doc)) };
}
