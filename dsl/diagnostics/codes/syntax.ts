// The codes of the lexer and the parser.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language writes params so
import type { DiagnosticPage } from "../codes.ts";

export const syntaxCodes = {
  "syntax.unknown-character": {
    severity: "error",
    title: "A character that means nothing here",
    why: "The text can't be cut into words, so nothing after it could be understood for sure.",
    fix: "Remove the character, or put it into a text in quotes if it belongs to one.",
    example: { wrong: "encrypt clicks into safe;", right: "encrypt clicks into safe" },
  },
  "syntax.unclosed-string": {
    severity: "error",
    title: "A text without its closing quote",
    why: "A text stands on one line, between double quotes.",
    fix: 'Add the closing quote. For a quote inside a text write \\", for a new line \\n.',
    example: { wrong: 'topic = "clicks', right: 'topic = "clicks"' },
  },
  "syntax.unclosed-comment": {
    severity: "error",
    title: "A comment that never ends",
    why: "Everything behind `/*` is taken as a comment until `*/` comes, so the rest of the file would be ignored.",
    fix: "Add `*/` at the end of the comment, or use `//` for a comment of one line.",
    example: { wrong: "/* the raw clicks", right: "/* the raw clicks */" },
  },
  "syntax.unclosed-block": {
    severity: "error",
    title: "A bracket that is never closed",
    why: "Without its end, a block would take in the statements that follow.",
    fix: "Add the closing bracket.",
    example: {
      wrong: 'sink safe into file {\n  path = "safe.jsonl"',
      right: 'sink safe into file { path = "safe.jsonl" }',
    },
  },
  "syntax.unmatched-bracket": {
    severity: "error",
    title: "A closing bracket that nothing opened",
    why: "One of a pair is missing or too many, so it is not clear which entries belong together.",
    fix: "Remove it, or add the bracket that it should close.",
    example: { wrong: "encrypt clicks into safe }", right: "encrypt clicks into safe" },
  },
  "syntax.unexpected": {
    severity: "error",
    title: "Something else was expected here",
    why: "Every statement is one sentence with a fixed order of words; the message names what was expected.",
    fix: "Write what the message names. `strm explain` and the reference show each statement in full.",
    example: { wrong: "encrypt clicks as safe", right: "encrypt clicks into safe" },
  },
  "syntax.unknown-statement": {
    severity: "error",
    title: "A statement that strm does not know",
    why: "A statement starts with one of: import, param, purposes, contract, keys, source, encrypt, decrypt, sink.",
    fix: "Check the spelling of its first word.",
    example: { wrong: "sorce clicks of click from file", right: "source clicks of click from file" },
  },
  "syntax.missing-block": {
    severity: "error",
    title: "A statement without its block",
    why: "A contract is nothing without its fields, and `purposes` nothing without a purpose.",
    fix: "Add the block in braces.",
    example: { wrong: "purposes", right: "purposes { functional = 0 }" },
  },
  "syntax.missing-separator": {
    severity: "error",
    title: "Two entries on one line without a comma",
    why: "Entries of a block are separated by new lines or commas.",
    fix: "Put a comma between them, or each on a line of its own.",
    example: { wrong: "{ keys = vault rotate = 24h }", right: "{ keys = vault, rotate = 24h }" },
  },
  "syntax.bad-escape": {
    severity: "error",
    title: "A backslash with a character that is no escape",
    why: "A backslash in a text starts an escape; guessing what was meant could change the text.",
    fix: "Use one of the escapes that the message lists, or two backslashes for one.",
    example: { wrong: 'path = "C:\\data"', right: 'path = "C:\\\\data"' },
  },
  "syntax.bad-interpolation": {
    severity: "error",
    title: "`${…}` holds something other than a param's name",
    why: "Only the value of a `param` can be put into a text.",
    fix: "Name a param, or write \\${ for the two characters.",
    example: {
      wrong: 'path = "out/${env}/x"',
      right: 'param stage = "test"\nsink safe into file { path = "out/${stage}/x.jsonl" }',
    },
  },
  "syntax.unknown-unit": {
    severity: "error",
    title: "A number with a unit that strm does not know",
    why: "Durations and sizes say their unit, so that nobody has to guess it.",
    fix: "Durations: ms, s, m, h, d, w. Sizes: B, KB, KiB, MB, MiB, GB, GiB. Whole numbers.",
    example: { wrong: "rotate = 24hours", right: "rotate = 24h" },
  },
  "syntax.too-deep": {
    severity: "error",
    title: "Brackets within brackets, too many times",
    why: "Nesting is bounded, so that a file can't exhaust the compiler.",
    fix: "Make it flatter.",
    example: { wrong: "mask = [[[[[[[[…", right: "mask = [customer.id]" },
  },
} as const satisfies Record<string, DiagnosticPage>;
