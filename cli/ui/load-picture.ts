// Loads what draws: it takes a moment and some memory, which runs that nobody watches do without.
import type { openPicture } from "./picture.ts";

/** React chooses by the environment between its two builds, of which the one for its developers notes every drawing, forever. */
export async function loadPicture(): Promise<typeof openPicture> {
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = "production";
  try {
    return (await import("./picture.ts")).openPicture;
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
