// However the process ends that started a server, the server ends with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

describe("a server that is supervised", () => {
  test.each([
    ["is killed", "SIGKILL", (pid: number) => pid],
    ["is interrupted at a terminal, with all of its group", "SIGINT", (pid: number) => -pid],
    ["loses its terminal", "SIGHUP", (pid: number) => -pid],
    ["is killed with all of its group", "SIGKILL", (pid: number) => -pid],
  ] as const)("dies and leaves no folder when whoever started it %s", async (_, signal, target) => {
    const starter = fileURLToPath(new URL("./sleep-starter.ts", import.meta.url));
    const child = spawn(process.execPath, [starter], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    const [line] = await once(child.stdout, "data");
    const { pid, folder }: { readonly pid: number; readonly folder: string } = JSON.parse(String(line));
    expect(() => process.kill(pid, 0)).not.toThrow();
    process.kill(target(child.pid ?? 0), signal);
    await once(child, "exit");
    while (existsSync(folder)) await sleep(20);
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
