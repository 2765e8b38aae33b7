// Holds the directions of the house: who may import whom, and what keeps to itself.
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Import {
  readonly from: string;
  /** A path from the root for our own files, else the module's name. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** By `import()`: only when it is asked for. */
  readonly lazy: boolean;
}

const sources = ["dsl", "runner", "cli"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);

const imports: readonly Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(
    /\b(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/g,
  );
  return [...found].map((match) => {
    const target = match[2] ?? match[3] ?? "";
    const own = target.startsWith(".");
    return {
      from: file,
      to: own ? relative(root, join(root, dirname(file), target)) : target,
      typeOnly: match[1] !== undefined,
      lazy: match[3] !== undefined,
    };
  });
});

/** The rooms of dsl/, from the ground up: each may import those before it. */
const floors = [
  "text",
  "diagnostics",
  "syntax",
  "spec",
  "schema",
  "graph",
  "check",
  "compile",
  "format",
  "docs",
];

function floorOf(file: string): number {
  return floors.indexOf((file.split("/")[1] ?? "").replace(/\.ts$/, ""));
}

/** Imports that break `allowed`, in words. */
function offenders(allowed: (edge: Import) => boolean): string[] {
  return imports.filter((edge) => !allowed(edge)).map((edge) => `${edge.from} imports ${edge.to}`);
}

/** Files and modules that are loaded with `files`. */
function reachedFrom(...files: readonly string[]): readonly string[] {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const edge of imports) if (edge.from === file && !edge.typeOnly && !edge.lazy) visit(edge.to);
  };
  for (const file of files) visit(file);
  return [...reached];
}

const inside = (path: string, ...folders: string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

describe("directions", () => {
  test("the test sees the imports", () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.some((edge) => edge.to === "node:fs")).toBe(true);
  });

  test("the rooms of dsl import only what lies below them", () => {
    const broken = offenders((edge) => {
      if (!inside(edge.from, "dsl") || edge.from === "dsl/index.ts" || !inside(edge.to, "dsl")) return true;
      return floorOf(edge.from) >= floorOf(edge.to) && edge.to !== "dsl/index.ts";
    });
    expect(broken).toEqual([]);
    const strangers = sources.filter(
      (file) => inside(file, "dsl") && file !== "dsl/index.ts" && floorOf(file) < 0,
    );
    expect(strangers).toEqual([]);
  });

  test("dsl knows neither runner nor cli, and has no file system, network or clock", () => {
    const impure = builtinModules
      .filter((name) => !["crypto", "path/posix"].includes(name))
      .map((name) => `node:${name}`);
    expect(
      offenders(
        (edge) =>
          !inside(edge.from, "dsl") || !(inside(edge.to, "runner", "cli") || impure.includes(edge.to)),
      ),
    ).toEqual([]);
    const clocks = sources.filter(
      (file) =>
        inside(file, "dsl") &&
        /\bDate\.now\(|\bnew Date\(\)|\bfetch\(|\bprocess\./.test(readFileSync(join(root, file), "utf8")),
    );
    expect(clocks).toEqual([]);
  });

  test("runner takes of dsl only the graph, specs, schemas and types of codes", () => {
    expect(
      offenders((edge) => {
        if (!inside(edge.from, "runner") || !inside(edge.to, "dsl", "cli")) return true;
        return (
          inside(edge.to, "dsl/graph", "dsl/spec", "dsl/schema") ||
          (inside(edge.to, "dsl/diagnostics") && edge.typeOnly)
        );
      }),
    ).toEqual([]);
  });

  test("cli goes through the two doors", () => {
    expect(
      offenders((edge) => {
        if (!inside(edge.from, "cli") || !inside(edge.to, "dsl", "runner")) return true;
        return edge.to === "dsl/index.ts" || edge.to === "runner/index.ts";
      }),
    ).toEqual([]);
  });

  test("one home for Chevrotain, commander, jose, pg, Ink, pino, prom-client, zod and the SDKs of stores each", () => {
    const homes: Record<string, string> = {
      chevrotain: "dsl/syntax",
      commander: "cli",
      ink: "cli/ui",
      react: "cli/ui",
      jose: "runner/privacy",
      pg: "runner/privacy/stores",
      "@aws-sdk/client-s3": "runner/connectors/s3",
      "@aws-sdk/credential-providers": "runner/connectors/s3",
      "google-auth-library": "runner/connectors/gcs",
      pino: "cli/output",
      "prom-client": "cli/serve",
      zod: "cli/attach",
    };
    expect(
      offenders((edge) => {
        const home = homes[edge.to];
        return home === undefined || inside(edge.from, home);
      }),
    ).toEqual([]);
  });

  test("the UI knows of a run only its events, and of a program only types", () => {
    expect(
      offenders((edge) => !inside(edge.from, "cli/ui") || !inside(edge.to, "dsl", "runner") || edge.typeOnly),
    ).toEqual([]);
  });

  test("who follows a run over the network knows of no terminal, and of whoever serves it only the place", () => {
    expect(
      offenders((edge) => {
        if (!inside(edge.from, "cli/attach") || !inside(edge.to, "cli")) return true;
        const known = ["cli/exit.ts", "cli/failure-codes.ts", "cli/output/units.ts", "cli/serve/place.ts"];
        return inside(edge.to, "cli/attach") || known.includes(edge.to);
      }),
    ).toEqual([]);
  });

  test("the SDKs of stores are loaded only by runs that reach such a store, and Ink, pino and prom-client only where somebody watches in that way", () => {
    const commands = ["run", "check", "top"].map((command) => `cli/commands/${command}.ts`);
    const reached = reachedFrom("cli/bin.ts", ...commands);
    expect(reached.length).toBeGreaterThan(100);
    expect(
      reached.filter((module) => /^@aws-sdk|^google-auth|^ink$|^pino$|^prom-client$|^react$/.test(module)),
    ).toEqual([]);
  });

  test("zod is loaded only by `strm top`", () => {
    const others = sources.filter(
      (file) => inside(file, "cli/commands", "cli/serve") && file !== "cli/commands/top.ts",
    );
    expect(reachedFrom("cli/commands/top.ts")).toContain("zod");
    expect(reachedFrom("cli/bin.ts", ...others)).not.toContain("zod");
  });

  test("no cycles between files, types aside", () => {
    const targets = new Map<string, string[]>();
    for (const edge of imports) {
      if (!edge.typeOnly) targets.set(edge.from, [...(targets.get(edge.from) ?? []), edge.to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(" > "));
      if (done.has(file) || trail.includes(file)) return;
      for (const target of targets.get(file) ?? []) visit(target, [...trail, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test("every file opens with a line that says its purpose, and few are long", () => {
    const silent = sources.filter(
      (file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(root, file), "utf8")),
    );
    expect(silent).toEqual([]);
    const long = sources.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 500);
    expect(long).toEqual([]);
  });
});
