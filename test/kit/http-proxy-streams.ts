// How bodies pass through a proxy that makes things go wrong: only a part of them, or slowly.
import { type Readable, Transform, type Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Passes on so many bytes, waits until they have left, and breaks the connection. Of what is shorter, all goes through. */
export async function cut(from: Readable, to: Writable, afterBytes: number): Promise<void> {
  let left = afterBytes;
  for await (const chunk of from.iterator({ destroyOnReturn: false })) {
    const part: Buffer = chunk.subarray(0, left);
    left -= part.length;
    await new Promise((sent) => to.write(part, sent));
    if (left > 0) continue;
    to.destroy(new Error("cut"));
    return;
  }
  to.end();
}

/** How often in a second a slow link lets something through. */
const STEPS = 20;

export function paced(bytesPerSecond: number): Transform {
  const step = Math.max(1, Math.round(bytesPerSecond / STEPS));
  return new Transform({
    async transform(chunk: Buffer, _, done) {
      for (let at = 0; at < chunk.length; at += step) {
        const part = chunk.subarray(at, at + step);
        await sleep((part.length * 1000) / bytesPerSecond);
        this.push(part);
      }
      done();
    },
  });
}
