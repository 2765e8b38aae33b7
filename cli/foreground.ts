// Whether this process is the terminal's job in front: one behind it is stopped by the system as soon as it asks for the keys.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** True where that can't be told. */
export function inForeground(): boolean {
  try {
    return isInFront(readFileSync("/proc/self/stat", "utf8"));
  } catch {
    return marksFront();
  }
}

/**
 * By Linux's `stat` of a process (proc_pid_stat(5)): its group is the one that its terminal has in front. The name in brackets may hold
 * anything.
 */
export function isInFront(stat: string): boolean {
  const [, , group, , , front] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group === front;
}

/** POSIX has no word for it, but every `ps` marks such a process with a plus. */
function marksFront(): boolean {
  try {
    const asked = ["-o", "stat=", "-p", String(process.pid)];
    return execFileSync("ps", asked, { encoding: "utf8", timeout: 2_000, stdio: "pipe" }).includes("+");
  } catch {
    return true;
  }
}
