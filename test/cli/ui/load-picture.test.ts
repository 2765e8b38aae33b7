// What loading the picture leaves alone.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
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

test("it loads none of the modules that Ink names and does not need", async () => {
  const script = `
    import { registerHooks } from "node:module";
    import { loadPicture } from ${JSON.stringify(new URL("../../../cli/ui/load-picture.ts", import.meta.url).href)};
    let loaded = 0;
    registerHooks({ load: (url, context, next) => { loaded++; return next(url, context); } });
    await loadPicture();
    console.log(loaded);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect(Number(stdout)).toBeGreaterThan(50);
  expect(Number(stdout)).toBeLessThan(200);
});
