// The codes about the options in a statement's block.
import type { DiagnosticPage } from "../codes.ts";

export const optionCodes = {
  "option.unknown": {
    severity: "error",
    title: "An option that does not exist here",
    why: "An option that nobody reads would be dropped without a word, and the pipeline would do something else than it says.",
    fix: "Check the spelling against the options in the message, or remove it.",
    example: {
      wrong: 'sink safe into file { pth = "out/safe.jsonl" }',
      right: 'sink safe into file { path = "out/safe.jsonl" }',
    },
  },
  "option.duplicate": {
    severity: "error",
    title: "An option is given twice",
    why: "Only one of the two values could hold, and a reader can't tell which.",
    fix: "Remove one of them.",
    example: {
      wrong: "encrypt clicks into safe { rotate = 24h, rotate = 1h }",
      right: "encrypt clicks into safe { rotate = 24h }",
    },
  },
  "option.missing": {
    severity: "error",
    title: "A required option is missing",
    why: "The step can't work without it, and there is no value that would be right for everyone.",
    fix: "Add the option. The message shows how it is written.",
    example: { wrong: "sink safe into file", right: 'sink safe into file { path = "out/safe.jsonl" }' },
  },
  "option.wrong-type": {
    severity: "error",
    title: "An option has a value of the wrong type",
    why: "Durations and sizes carry their unit so that nobody has to guess it. Texts stand in quotes, so that a name is never mistaken for one.",
    fix: "Write a value of the type that the message names.",
    example: {
      wrong: "encrypt clicks into safe { rotate = 24 }",
      right: "encrypt clicks into safe { rotate = 24h }",
    },
  },
  "option.out-of-bounds": {
    severity: "error",
    title: "An option's value is too small or too large",
    why: "Beyond its bounds the option would not do what it says.",
    fix: "Choose a value within the bounds that the message names.",
    example: {
      wrong: "encrypt clicks into safe { rotate = 5s }",
      right: "encrypt clicks into safe { rotate = 1h }",
    },
  },
  "option.secret-literal": {
    severity: "error",
    title: "A secret stands in the file",
    why: "A program is committed, reviewed, copied and shown. A secret in it is known to everyone who can read any of these, for as long as the history is kept. That goes for the default of an `env` too.",
    fix: 'Use `secret("NAME")`, `env("NAME")` or `file("path")`. If the secret was real, replace it: it is no secret any more.',
    example: { wrong: 'mask_seed = "hi-there"', right: 'mask_seed = secret("MASK_SEED")' },
  },
  "option.unknown-function": {
    severity: "error",
    title: "A function that does not exist",
    why: 'Three functions take a value from the place where the pipeline runs: `env("NAME")` from an environment variable, `secret("NAME")` from the secrets folder or the environment, `file("path")` from a file.',
    fix: "Use one of the three.",
    example: { wrong: 'url = getenv("KEYS_URL")', right: 'url = env("KEYS_URL")' },
  },
  "option.function-arguments": {
    severity: "error",
    title: "A function has the wrong arguments",
    why: "`env` takes a name and perhaps a default, `secret` takes a name, `file` takes a path. Each is a text in quotes.",
    fix: 'Write `env("NAME")`, `env("NAME", "default")`, `secret("NAME")` or `file("path")`.',
    example: { wrong: "url = env(KEYS_URL)", right: 'url = env("KEYS_URL")' },
  },
  "option.needs-literal": {
    severity: "error",
    title: "An option's value must stand in the program",
    why: "This option decides what is checked and promised, such as how long keys live or which form is written. So it must be known before the pipeline runs, and can't come from `env`, `secret` or `file`.",
    fix: "Write the value itself, or a `param` that `--set` can change.",
    example: {
      wrong: 'encrypt clicks into safe { rotate = env("ROTATE") }',
      right: "param rotate = 24h\nencrypt clicks into safe { rotate = rotate }",
    },
  },
  "option.format": {
    severity: "error",
    title: "A format that can't be used here",
    why: "Each connector says which formats it reads and writes. Events are nested and typed, which not every format can hold without loss.",
    fix: "Use one of the formats in the message. Without the option, the extension of `path` or `pattern` decides.",
    example: {
      wrong: 'sink safe.rejected into file { path = "out/rejected.csv" }',
      right: 'sink safe.rejected into file { path = "out/rejected.jsonl" }',
    },
  },
  "option.other-format": {
    severity: "error",
    title: "An option is about another format",
    why: "It says how events of one format are read or written, and here they have another, or no events are written at all. It would be dropped without a word.",
    fix: "Remove it, or choose its format, by `format` or the extension of `path` or `pattern`.",
    example: {
      wrong: 'sink safe into file { path = "out/safe.jsonl", csv = { delimiter = ";" } }',
      right: 'sink safe into file { path = "out/safe.csv", csv = { delimiter = ";" } }',
    },
  },
} as const satisfies Record<string, DiagnosticPage>;
