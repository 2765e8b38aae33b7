// The codes about what a program declares and never uses.
import type { DiagnosticPage } from "../codes.ts";

export const unusedCodes = {
  "unused.stream": {
    severity: "warning",
    title: "A stream that nothing reads",
    why: "Its events are made and then dropped. Mostly a `sink` was forgotten, or one names another stream.",
    fix: "Add a `sink` for it, or remove the statement.",
    example: {
      wrong: "decrypt safe into research for granular(analytics)",
      right:
        'decrypt safe into research for granular(analytics)\nsink research into file { path = "out/research.jsonl" }',
    },
  },
  "unused.contract": {
    severity: "warning",
    title: "A contract that no source uses",
    why: "Rules that apply to nothing protect nothing.",
    fix: "Name it in a `source … of CONTRACT`, or remove it.",
    example: { wrong: 'contract old as "acme/old/1.0.0" from "old.avsc" { … }' },
  },
  "unused.keys": {
    severity: "warning",
    title: "A key store that no step uses",
    why: "Whoever reads the file believes that keys are kept there. They are not.",
    fix: "Name it in the option `keys` of an `encrypt`, or remove it.",
    example: {
      wrong: "keys vault in sqlite\nkeys attic in sqlite\nencrypt clicks into safe { keys = vault }",
      right: "keys vault in sqlite\nencrypt clicks into safe { keys = vault }",
    },
  },
  "unused.param": {
    severity: "warning",
    title: "A param that nothing uses",
    why: "`--set` of it would change nothing.",
    fix: "Use it as a value, or as `${name}` inside a text, or remove it.",
    example: { wrong: 'param folder = "out"\nsink safe into file { path = "out/safe.jsonl" }' },
  },
  "unused.import": {
    severity: "warning",
    title: "An import that nothing uses",
    why: "Nothing of the imported file is named here, nor of the files that it imports.",
    fix: "Remove the import.",
    example: { wrong: 'import "purposes.strm"' },
  },
} as const satisfies Record<string, DiagnosticPage>;
