// The codes about names: who declares them, and what they stand for.
import type { DiagnosticPage } from "../codes.ts";

export const nameCodes = {
  "name.duplicate": {
    severity: "error",
    title: "Two statements declare the same name",
    why: "Contracts, keys, streams and params share one set of names, across all imported files. Were a name declared twice, nobody could tell which of the two a sentence means, and two steps would write one stream.",
    fix: "Give one of them another name.",
    example: {
      wrong: "encrypt clicks into safe\nencrypt orders into safe",
      right: "encrypt clicks into safe_clicks\nencrypt orders into safe_orders",
    },
  },
  "name.unknown": {
    severity: "error",
    title: "A name that nothing declares",
    why: "Every name must be declared by a statement of this file, or, for contracts, keys and params, of an imported one. Streams of an imported file are not brought in.",
    fix: "Check the spelling, or add the statement that declares it.",
    example: { wrong: "encrypt click into safe", right: "encrypt clicks into safe" },
  },
  "name.wrong-kind": {
    severity: "error",
    title: "A name stands for something else than is needed here",
    why: "Each place in a statement wants a certain kind of thing: a source needs a contract, an encrypt needs a stream, the option `keys` needs a `keys` statement.",
    fix: "Write the name of a thing of the right kind.",
    example: { wrong: "encrypt vault into safe", right: "encrypt clicks into safe { keys = vault }" },
  },
  "name.unknown-connector": {
    severity: "error",
    title: "No connector has this name",
    why: "A source reads from a connector and a sink writes to one. Only the connectors that this version of strm brings can be named.",
    fix: "Check the spelling against the list in the message.",
    example: {
      wrong: 'sink safe into flie { path = "out/safe.jsonl" }',
      right: 'sink safe into file { path = "out/safe.jsonl" }',
    },
  },
  "name.unknown-store": {
    severity: "error",
    title: "No key store has this name",
    why: "`keys NAME in STORE` says where data keys live. Only the stores that this version of strm brings can be named.",
    fix: "Check the spelling against the list in the message.",
    example: { wrong: "keys vault in sqlit", right: "keys vault in sqlite" },
  },
  "name.unknown-side": {
    severity: "error",
    title: "A stream has no such side stream",
    why: "Beside its events a stream has at most two side streams: `.rejected` holds the events that a source or a decrypt refused, `.keys` holds the data keys of an encrypt.",
    fix: "Write `.rejected` or `.keys`, or the stream's name alone for its events.",
    example: {
      wrong: 'sink clicks.errors into file { path = "out/errors.jsonl" }',
      right: 'sink clicks.rejected into file { path = "out/rejected.jsonl" }',
    },
  },
} as const satisfies Record<string, DiagnosticPage>;
