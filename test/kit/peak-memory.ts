// The peak memory of a running program, from Linux's /proc.
import { readFileSync } from "node:fs";

const everyMs = 25;

/**
 * Watches a process and its descendants. The function that comes back stops that and answers with the most that one of them held
 * at any time, in bytes, or null where there is no such /proc. The kernel keeps the peak, so only one of the last moments can be missed.
 */
export function watchMemory(pid: number | undefined): () => number | null {
  let peakBytes = 0;
  const look = (): void => {
    if (pid !== undefined) peakBytes = Math.max(peakBytes, peakOf(pid));
  };
  const timer = setInterval(look, everyMs).unref();
  return () => {
    clearInterval(timer);
    return peakBytes === 0 ? null : peakBytes;
  };
}

function peakOf(pid: number): number {
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "0";
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((each) => each !== "");
  return Math.max(Number(own) * 1024, ...children.map((child) => peakOf(Number(child))));
}

/** Empty where there is no such file: a process may be gone at any time. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
