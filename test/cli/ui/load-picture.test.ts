// What loading the picture leaves alone.
import { expect, test, vi } from "vitest";
import { loadPicture } from "../../../cli/ui/load-picture.ts";

test("it asks fetch for nothing, which would hand buffers over and slow every kernel down, and leaves fetch and NODE_ENV as they were", async () => {
  const fetching = vi.spyOn(globalThis, "fetch");
  const [fetch, mode] = [globalThis.fetch, process.env.NODE_ENV];
  const loading = loadPicture();
  // Others may want something meanwhile.
  await expect(globalThis.fetch("http://127.0.0.1:1/")).rejects.toThrow();
  expect(await loading).toBeTypeOf("function");
  expect(fetching.mock.calls.map(([what]) => what)).toEqual(["http://127.0.0.1:1/"]);
  expect(globalThis.fetch).toBe(fetch);
  expect(process.env.NODE_ENV).toBe(mode);
});
