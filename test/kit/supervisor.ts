// Runs one server for a test, as a process of its own: when whoever started it is gone, however that came about, so is the server.
import { spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import process from "node:process";
import type { Command } from "./supervised.ts";

const { command, args, env, cwd, uid, gid, log, remove }: Command = JSON.parse(process.argv[2] ?? "{}");
const out = openSync(log, "a");
const server = spawn(command, args, {
  cwd,
  env: { ...process.env, ...env },
  stdio: ["ignore", out, out],
  ...(uid !== undefined && { uid }),
  ...(gid !== undefined && { gid }),
});

server.on("error", ({ message }) => {
  process.stdout.write(`failed ${message}\n`);
  process.exit(1);
});
server.on("spawn", () => process.stdout.write(`started ${server.pid}\n`));
server.on("exit", () => process.exit(0));

// Its standard input ends with the process that holds the other end.
process.stdin.on("end", () => {
  server.removeAllListeners("exit");
  server.on("exit", () => {
    for (const folder of remove) rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
  server.kill("SIGKILL");
});
process.stdin.resume();
