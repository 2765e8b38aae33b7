// Hides short hiccups: tries again what may pass, for some seconds, before anybody is told.
import { setTimeout as sleep } from "node:timers/promises";
import { StrmFailure, TransientFailure } from "../../../failure.ts";

/** Long enough for a new leader or coordinator; longer, and a run shows that it waits. */
export const HICCUP_MS = 5000;

/** A broker that has just started may not know its topics yet. */
const CONFIRM_MISSING_MS = 3000;

const FIRST_WAIT_MS = 2;
const MAX_WAIT_MS = 1000;

/** True where the same request may have success by and by. What fails a transaction or a membership is transient, too, but not by asking again. */
export function mayPass(error: unknown): boolean {
  return (
    error instanceof TransientFailure &&
    (error.code === "kafka.unreachable" || error.code === "kafka.not-ready" || error.code === "kafka.issuer")
  );
}

/** True where what has failed for so long is to be tried again: a failure that may pass within `boundMs`, a topic that seems to be gone for some seconds. */
export function worthAnotherTry(error: unknown, failingMs: number, boundMs: number): boolean {
  if (mayPass(error)) return failingMs < boundMs;
  return error instanceof StrmFailure && error.code === "kafka.no-topic" && failingMs < CONFIRM_MISSING_MS;
}

/** What `attempt` answers; throws its failure where that can't pass, or did not within the bound. */
export async function persist<T>(attempt: () => Promise<T>, boundMs = HICCUP_MS): Promise<T> {
  const untilMs = performance.now() + boundMs;
  for (let attempts = 0; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error) || performance.now() >= untilMs) throw error;
    }
    await pause(attempts);
  }
}

/** Waits longer with each attempt, drawn evenly from a half to the whole, so that many who failed together don't come back together. */
export async function pause(attempts: number): Promise<void> {
  const longestMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
  await sleep(longestMs * (0.5 + Math.random() / 2));
}

/** Until that moment on the clock of `performance`. */
export function waitMs(dueMs: number): number {
  return Math.max(0, dueMs - performance.now());
}

/** Resolves with the change, or when that much time has passed, if a time is given. */
export async function awaitChange(change: Promise<void>, withinMs: number | undefined): Promise<void> {
  if (withinMs === undefined) return change;
  const timer = new AbortController();
  const passed = sleep(withinMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([change, passed]);
  timer.abort();
}
