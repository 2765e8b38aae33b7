// The codes about `param` and `--set`.
import type { DiagnosticPage } from "../codes.ts";

export const paramCodes = {
  "param.not-literal": {
    severity: "error",
    title: "A param's value is not a literal",
    why: "A param has a value that is known when the program is checked, so that every check sees the values that will run. Names, field paths, `env`, `secret` and `file` are known only later, or mean nothing on their own, and a text that contains another param could lead back to itself.",
    fix: 'Write a text, a number, `true` or `false`, a duration, a size, or a list of these. Where the environment should decide, write `env("NAME")` at the option itself.',
    example: { wrong: 'param bucket = env("BUCKET")', right: 'param bucket = "acme-reco"' },
  },
  "param.not-text": {
    severity: "error",
    title: "A list stands inside a text",
    why: "`${name}` puts a param's value into a text as it is written. A list has no single text.",
    fix: "Use a param that is a text, a number, a duration or a size.",
    example: {
      wrong: 'param topics = ["a", "b"]\nsource clicks of clickstream from kafka { topic = "${topics}" }',
      right: 'param topic = "a"\nsource clicks of clickstream from kafka { topic = "${topic}" }',
    },
  },
  "param.unknown-set": {
    severity: "error",
    title: "`--set` names a param that the program lacks",
    why: "A mistyped name would leave the param at its default without a word, and the pipeline would run with a value nobody meant.",
    fix: "Check the spelling, or declare it: `param NAME = …`.",
    example: { wrong: "strm run shop.strm --set foldr=out", right: "strm run shop.strm --set folder=out" },
  },
  "param.wrong-set": {
    severity: "error",
    title: "`--set` gives a param a value of another type",
    why: "The literal in the `param` statement says which type the param has. Its uses count on that type.",
    fix: "Give a value of the same type. A duration is written as in the program, `60s`; a text needs no quotes.",
    example: { wrong: "strm run shop.strm --set every=often", right: "strm run shop.strm --set every=60s" },
  },
} as const satisfies Record<string, DiagnosticPage>;
