// Every diagnostic code is shown by a program, every program shows its code alone, and the text reads as reviewed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diagnosticCodes } from "../../../dsl/diagnostics/codes.ts";
import { render } from "../../../dsl/diagnostics/render.ts";
import { compileFile } from "../../kit/compile-file.ts";

const folder = join(import.meta.dirname, "../../fixtures/diagnostics");
const codes = Object.keys(diagnosticCodes).sort();
const shown = readdirSync(folder)
  .filter((file) => file.endsWith(".strm"))
  .map((file) => file.slice(0, -".strm".length))
  .sort();

test("every code has a program and every program a code", () => {
  expect(shown).toEqual(codes);
});

describe.each(shown)("%s", (code) => {
  const entry = `${code}.strm`;
  const source = readFileSync(join(folder, entry), "utf8");
  const set = new Map(
    [...source.matchAll(/^\/\/ set: (\w+)=(.*)$/gm)].map(([, name, text]) => [name!, text!]),
  );
  const { diagnostics, files, graph } = compileFile(folder, entry, set);

  test("is what its program shows, alone", () => {
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(new Set(diagnostics.map((one) => one.code))).toEqual(new Set([code]));
    const errors = diagnostics.some(({ severity }) => severity === "error");
    expect(graph === undefined).toBe(errors);
  });

  test("says where, what and what to do next", () => {
    for (const { span, message, label, help } of diagnostics) {
      const loaded = files.get(span.file);
      expect(loaded !== undefined && "text" in loaded && span.end <= loaded.text.length).toBe(true);
      expect(message).toMatch(/[.?]$/);
      expect(label ?? help).toBeDefined();
    }
  });

  test("reads as reviewed", async () => {
    const textOf = (file: string): string | undefined => {
      const loaded = files.get(file);
      return loaded !== undefined && "text" in loaded ? loaded.text : undefined;
    };
    const text = diagnostics.map((one) => render(one, { colour: false, textOf })).join("\n\n");
    await expect(`${text}\n`).toMatchFileSnapshot(join(folder, `${code}.txt`));
  });
});
