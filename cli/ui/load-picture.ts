// Loads what draws: it takes a moment and some memory, which runs that nobody watches do without.
import type { openPicture } from "./picture.ts";

/**
 * React chooses by the environment between its two builds, of which the one for its developers notes every drawing, forever. Yoga, which lays
 * out, asks `fetch` for its own bytes and has another way where that fails; Node's answers by handing a buffer over, and from the first buffer
 * that was ever handed over, V8 checks each access to any: kernels lose a tenth of their speed, for good.
 */
export async function loadPicture(): Promise<typeof openPicture> {
  const { NODE_ENV: before } = process.env;
  const { fetch } = globalThis;
  process.env.NODE_ENV = "production";
  globalThis.fetch = (what, ...more) =>
    String(what).startsWith("data:") ? Promise.reject(new Error("not asked for")) : fetch(what, ...more);
  try {
    return (await import("./picture.ts")).openPicture;
  } finally {
    globalThis.fetch = fetch;
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
