// Starts a process as tests start servers, tells which it is, and waits to be killed.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { startSupervised } from "./supervised.ts";

const folder = mkdtempSync(join(tmpdir(), "strm-started-"));
const log = join(folder, "log");
writeFileSync(log, "");
const { pid } = await startSupervised({ command: "sleep", args: ["1000"], log, remove: [folder] });
process.stdout.write(`${JSON.stringify({ pid, folder })}\n`);
setInterval(() => {}, 1000);
