// The reference page of the language: statements, contract fields, annotations, values.

import type { OptionTable } from "../spec/options.ts";
import {
  decryptOptions,
  encryptOptions,
  keysOptions,
  sinkOptions,
  sourceOptions,
} from "../spec/statement-options.ts";
import { block, code, generatedNote, page, table } from "./markdown.ts";
import { optionRows } from "./option-rows.ts";

export interface StatementPage {
  /** Its keyword. */
  readonly name: string;
  readonly form: string;
  readonly text: string;
  readonly options?: OptionTable;
  /** Completes "Beside these, the block takes the options of …". */
  readonly also?: string;
  /** Absent where the form says it all. */
  readonly example?: string;
}

/** In the order in which one meets them. */
export const statements: readonly StatementPage[] = [
  {
    name: "import",
    form: 'import "path.strm"',
    text: "Brings in the purposes, contracts, keys and params of another file, and of those it imports itself. Its sources, encrypts, decrypts and sinks are not brought in. The path is relative to the file it stands in.",
  },
  {
    name: "param",
    form: "param NAME = literal",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the language that is described.
    text: "A value that `--set NAME=value` overrides. It is used by its name where a value stands, and as `${NAME}` inside a text.",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the language that is described.
    example: 'param folder = "out"\n\nsink safe into file { path = "${folder}/safe.jsonl" }',
  },
  {
    name: "purposes",
    form: 'purposes { NAME = LEVEL "why" … }',
    text: "Names for the consent levels: whole numbers from 0 to 1000, each once. Once they are declared, no other name or level may be used.",
    example: 'purposes {\n  functional = 0 "running the service"\n  analytics  = 1 "counting visitors"\n}',
  },
  {
    name: "contract",
    form: 'contract NAME as "handle/name/1.0.0" from "file.avsc" { … }',
    text: "The schema of events, and their privacy rules. With `from`, an Avro schema gives the types, and only annotated fields are listed; a dropped field may be added to it. Without it, the fields stand in the block with their types.",
    example:
      'contract visit as "acme/visit/1.0.0" {\n  session: string      @key @pii(functional)\n  email: string?       @pii(analytics)\n  consents: int[]      @consent\n}',
  },
  {
    name: "keys",
    form: "keys NAME in STORE { … }",
    text: "Where data keys live. Without one, the default store keeps them in the state folder.",
    options: keysOptions,
    also: "the [key store](key-stores.md)",
    example: "keys vault in sqlite { retain = 30d }",
  },
  {
    name: "source",
    form: "source NAME of CONTRACT from CONNECTOR { … }",
    text: "A stream of events. `of sealed CONTRACT`: they are sealed already, by another pipeline. Its dropped fields need not be there; where one is, it is left out here.",
    options: sourceOptions,
    also: "the [connector](README.md#connectors)",
    example: 'source visits of visit from file { path = "data/visits-*.jsonl" }',
  },
  {
    name: "encrypt",
    form: "encrypt STREAM into NAME { … }",
    text: "Seals every `@pii` field of a raw stream, and fills `strmMeta`: the contract's reference, a nonce, the time, the key link and the consent levels. Nothing else of an event changes.",
    options: encryptOptions,
    example: "encrypt visits into safe { rotate = 24h }",
  },
  {
    name: "decrypt",
    form: "decrypt STREAM into NAME for granular(…) { … }",
    text: "Passes on the events whose data subject consented to all the purposes asked for, and opens exactly the fields of these purposes. `granular(a, b)` asks for a and b; `cumulative(n)` for every declared purpose from 0 to n. Other events are withheld: counted, never written.",
    options: decryptOptions,
    example:
      'decrypt safe into research for granular(functional, analytics) {\n  mask      = [session]\n  mask_seed = secret("MASK_SEED")\n}',
  },
  {
    name: "sink",
    form: "sink STREAM into CONNECTOR { … }",
    text: "Writes a stream; a stream may have any number of sinks. `NAME.rejected` of a source or a decrypt: the events it refused, sealed for the holder of the master key. `NAME.keys` of an encrypt: the data keys as Tink keysets, with which their holder can open data without strm (`docs/opening.md`). A stream with a raw personal field can't be sunk, unless `exposing` says why.",
    options: sinkOptions,
    also: "the [connector](README.md#connectors)",
    example: 'sink research into file { path = "out/research.jsonl" }',
  },
];

const annotations: readonly (readonly [string, string])[] = [
  [
    "`@key`",
    "Exactly one, a string, optional or not. Events with the same value share data keys within a rotation window.",
  ],
  ["`@subject`", "At most one, a string: the person."],
  [
    "`@consent`",
    'Exactly one: the event\'s consent levels, a list of int or an int. `@consent(cumulative)`: a level implies all lower ones. `@consent(map = { "yes": [0, 1] }, default = [])` for a text or an enum; the default is for a text that the map lacks, not for null or an absent field, which mean no consent. Without a default, such a text rejects the event.',
  ],
  [
    "`@time`",
    'At most one: event time in epoch milliseconds, or a text with `format = "iso"` or a pattern such as `"yyyy-MM-dd HH:mm:ss"`, or `"X"` for seconds and `"x"` for milliseconds since 1970, and `zone = "Europe/Amsterdam"` for texts without an offset (UTC, where none is given). What a clock of the zone shows twice, when it is put back in autumn, is read as the first of the two; what it never shows, when it is put forward, as if it had not been put forward yet: in Amsterdam, 02:30 of that night is 03:30 summer time. An ISO text may leave out the time of day, not the year. Without `@time`: the time of reading.',
  ],
  [
    "`@pii(PURPOSE)`",
    "Personal, and belongs to that purpose (its name or level). A string or a list of strings, either optional.",
  ],
  [
    "`@matches(/re/)`",
    "The text, or each text of the list, must match, else the event is rejected. The engine runs in linear time: no look-around, no back-references.",
  ],
  [
    "`@drop`",
    'The field is read, checked and used by its other annotations, and stands in no stream: in no sink of events, and in none of their schemas. What is personal in it needs no sealing. A record is dropped with all that is in it. A rejected event keeps it, as it came. With `from`, a field that the events have and the schema file lacks is added by its type, at the top of the event: `vote: string? @consent(map = { "yes": [1] }) @drop`.',
  ],
  [
    "`@@unknown(reject)`",
    "What happens to an event's fields that the schema lacks: `reject` the event (the default: an undeclared field may be personal), `drop` the field, or `pass` it as it is (a warning, since nobody vouches for it).",
  ],
];

const types: readonly (readonly [string, string])[] = [
  ["`string`", "a text"],
  ["`int`, `long`", "a whole number within 32 or 64 bits"],
  ["`float`, `double`", "a number"],
  ["`boolean`", "`true` or `false`"],
  ["`bytes`", "bytes: in JSON a text, in base64 with padding"],
  ["`T?`", "optional: may be null or absent"],
  ["`T[]`", "a list"],
  ["`{ … }`", "a record with fields of its own; `customer.id: string` opens one too"],
];

const values: readonly (readonly [string, string])[] = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the language that is described.
  ['`"text"`', "`${name}` inside stands for a param; `\\$` is a dollar sign"],
  ["`10`, `true`", "numbers and booleans"],
  ["`500ms` `60s` `15m` `24h` `30d` `2w`", "durations"],
  ["`64KiB` `5MB`", "sizes: `KB MB GB` count in thousands, `KiB MiB GiB` in 1024s"],
  ["`/^s-[0-9]+$/`", "a pattern"],
  ["`[a, b]`, `{ key = value }`", "lists and objects"],
  ["`customer.id`", "a field, or a name"],
  ['`env("X")`, `env("X", "default")`', "an environment variable, looked up when the run starts"],
  [
    '`secret("X")`',
    "the file X in the folder `STRM_SECRETS_DIR` (default `/run/secrets`), else the environment variable X",
  ],
  ['`file("path")`', "the text of a file, without its last line end"],
];

export function languagePage(): string {
  return page(
    generatedNote,
    "# The language",
    "A `.strm` file says where events come from, which fields are personal, who may read them, and where the results go. The order of statements means nothing. Entries of a block are separated by new lines or commas. Comments are `//` and `/* */`; `///` documents what follows.",
    table(
      ["statement", "form"],
      statements.map(({ name, form }) => [`[\`${name}\`](#${name})`, code(form)]),
    ),
    ...statements.map(statementPart),
    "## Contract fields",
    "One line a field: `path: type @annotation…`. A dotted path leads into records, and through lists of records to each of their items.",
    table(["annotation", "meaning"], annotations),
    "Types of fields in a contract without `from`:",
    table(["type", "value"], types),
    "## Values",
    table(["written", "meaning"], values),
    "A secret never stands in a file: an option that takes one takes `secret`, `env` or `file`.",
  );
}

function statementPart({ name, form, text, options, also, example }: StatementPage): string {
  const rows = options && optionRows(options);
  return page(
    `## ${name}`,
    block(form, "strm"),
    text,
    rows,
    also === undefined ? undefined : `The block also takes the options of ${also}.`,
    example && block(example, "strm"),
  ).trimEnd();
}
