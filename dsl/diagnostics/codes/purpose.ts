// The codes about `purposes`.
import type { DiagnosticPage } from "../codes.ts";

export const purposeCodes = {
  "purpose.duplicate-name": {
    severity: "error",
    title: "Two purposes have the same name",
    why: "A purpose's name stands for one consent level. With two, nobody could tell what a person consented to.",
    fix: "Give one of them another name, or remove it.",
    example: {
      wrong: "purposes {\n  analytics = 1\n  analytics = 2\n}",
      right: "purposes {\n  analytics       = 1\n  personalisation = 2\n}",
    },
  },
  "purpose.duplicate-level": {
    severity: "error",
    title: "Two purposes have the same level",
    why: "Events carry levels, not names. Two names for one level would be one consent in two words, and a person who agreed to the one would have agreed to the other.",
    fix: "Give one of them a level of its own.",
    example: {
      wrong: "purposes {\n  analytics = 1\n  marketing = 1\n}",
      right: "purposes {\n  analytics = 1\n  marketing = 2\n}",
    },
  },
  "purpose.level": {
    severity: "error",
    title: "A consent level is not a whole number from 0 to 1000",
    why: "Levels are small non-negative integers: they stand in every event, and `cumulative` counts up to them.",
    fix: "Write a whole number from 0 to 1000.",
    example: { wrong: "purposes { analytics = 1.5 }", right: "purposes { analytics = 1 }" },
  },
  "purpose.unknown": {
    severity: "error",
    title: "A purpose that is not declared",
    why: "Where a program declares `purposes`, these are all there are. A name or level beside them is a typing error, or a purpose that nobody was asked consent for. A name means nothing where no `purposes` are declared.",
    fix: "Check the spelling, or declare the purpose.",
    example: {
      wrong: "decrypt safe into research for granular(analitics)",
      right: "decrypt safe into research for granular(analytics)",
    },
  },
  "purpose.form": {
    severity: "error",
    title: "A purpose is neither a name nor a level",
    why: "A purpose is written as its declared name or as its level.",
    fix: "Write the name without quotes, or the level as a whole number.",
    example: {
      wrong: 'decrypt safe into research for granular("analytics")',
      right: "decrypt safe into research for granular(analytics)",
    },
  },
} as const satisfies Record<string, DiagnosticPage>;
