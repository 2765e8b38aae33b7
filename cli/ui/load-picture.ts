// Loads what draws: it takes a moment and some memory, which runs that nobody watches do without.
import { type LoadHookSync, registerHooks } from "node:module";
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
  const hooks = registerHooks({ load: loadLess });
  try {
    return (await import("./picture.ts")).openPicture;
  } finally {
    hooks.deregister();
    globalThis.fetch = fetch;
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/** Ink asks a library of four hundred modules for one function, by the module that names them all: two fifths of the time that loading takes. */
const loadLess: LoadHookSync = (url, context, next) =>
  url.endsWith("/es-toolkit/dist/compat/index.mjs")
    ? {
        format: "module",
        source: 'export { default as throttle } from "es-toolkit/compat/throttle";',
        shortCircuit: true,
      }
    : next(url, context);
