// The codes about `import`.
import type { DiagnosticPage } from "../codes.ts";

export const importCodes = {
  "import.not-found": {
    severity: "error",
    title: "An imported file can't be read",
    why: "An `import` brings in the purposes, contracts, keys and params of another file. Without that file their names have no meaning.",
    fix: "Check the path. It is relative to the file that imports, not to the folder you run `strm` in.",
    example: { wrong: 'import "purpose.strm"', right: 'import "purposes.strm"' },
  },
  "import.cycle": {
    severity: "error",
    title: "Files import each other in a circle",
    why: "A file that imports itself, directly or through others, has no clear owner for its names: nobody can say which file to change for which pipeline.",
    fix: "Move what both files need into a third file, and let both import that one.",
    example: { wrong: '// in a.strm\nimport "b.strm"\n// in b.strm\nimport "a.strm"' },
  },
  "import.param-in-path": {
    severity: "error",
    title: "The path of an import contains a param",
    why: "Params may themselves come from imports, so a path must be known before any param is.",
    fix: "Write the path in full.",
    example: { wrong: 'import "${team}/purposes.strm"', right: 'import "shop/purposes.strm"' },
  },
  "import.duplicate": {
    severity: "warning",
    title: "The same file is imported twice",
    why: "A second import of a file changes nothing.",
    fix: "Remove one of the two.",
    example: { wrong: 'import "purposes.strm"\nimport "./purposes.strm"', right: 'import "purposes.strm"' },
  },
} as const satisfies Record<string, DiagnosticPage>;
