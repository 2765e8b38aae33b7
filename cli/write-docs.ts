// Writes the reference pages to docs/reference and removes pages that are no more; `npm run docs`.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { reference } from "./reference.ts";

/** Started from the repository's root, as npm does. */
const folder = join("docs", "reference");

mkdirSync(folder, { recursive: true });
const pages = new Map(reference().map(({ path, text }) => [join(path), text]));
for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  if (path.endsWith(".md") && !pages.has(path)) rmSync(join(folder, path));
}
for (const [path, text] of pages) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
process.stdout.write(`docs/reference: ${pages.size} pages\n`);
