// The kit's own promises: Python programs get the packages that they are to have, and no others, also where many ask at once.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emptyFolder, writeFiles } from "./folder.ts";
import { pythonMissing, pythonPackages, runPython } from "./python.ts";
import { needServer } from "./servers.ts";

describe.skipIf(!needServer("Python", pythonMissing()))("Python packages", () => {
  const cacheHome = process.env.XDG_CACHE_HOME;
  const path = process.env.PATH;
  let cache: string;
  beforeEach(() => {
    cache = emptyFolder();
    process.env.XDG_CACHE_HOME = cache;
  });
  afterEach(() => {
    if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cacheHome;
    process.env.PATH = path;
  });
  const six = () => pythonPackages("six", ["six==1.17.0"]);
  const kept = () => readdirSync(join(cache, "strm-tests/python"));

  test("are fetched once for all who ask, in the version that is asked for, with nothing left beside", async () => {
    const folders = await Promise.all([six(), six()]);
    expect(new Set(folders).size).toBe(1);
    expect(kept()).toHaveLength(1);
    const file = join(emptyFolder(), "program.py");
    writeFiles(join(file, ".."), {
      "program.py": [
        "import importlib.util, json, os, six, sys",
        'print(json.dumps([six.__version__, sys.argv[1:], sys.stdin.read(), os.environ["ASKED"], importlib.util.find_spec("pip") is None]))',
      ].join("\n"),
    });
    const options = { args: ["a b", "ü"], env: { ASKED: "yes" }, input: "in ü" };
    const { code, stdout } = await runPython(folders[0] ?? "", file, options);
    expect({ code, answer: JSON.parse(stdout) }).toEqual({
      code: 0,
      answer: ["1.17.0", ["a b", "ü"], "in ü", "yes", true],
    });
  }, 120_000);

  test("are fetched also where Python has no pip of its own", async () => {
    const real = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
    const bin = join(cache, "bin");
    // Without what was installed beside the standard library, and so without pip.
    writeFiles(bin, { python3: `#!/bin/sh\nexec "${real.trim()}" -S "$@"\n` });
    chmodSync(join(bin, "python3"), 0o755);
    process.env.PATH = `${bin}${delimiter}${path}`;
    expect(readdirSync(await six())).toContain("six.py");
    expect(kept()).toHaveLength(1);
  }, 120_000);

  test("that don't exist are told, and leave nothing behind", async () => {
    await expect(pythonPackages("none", ["six==0.0.0.1"])).rejects.toThrow("six==0.0.0.1");
    expect(kept()).toEqual([]);
  }, 120_000);

  test("can't be had without Python, and that is said", () => {
    const empty = join(cache, "bin");
    mkdirSync(empty);
    process.env.PATH = empty;
    expect(pythonMissing()).toMatchObject({ what: "there is no `python3`" });
  });
});
