// Files appear whole, and never in the place of somebody else's.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openFileSink } from "../../../../runner/connectors/file/sink.ts";
import { temporaryName } from "../../../../runner/connectors/file/temporary.ts";
import { identityOf, Written } from "../../../../runner/connectors/file/written.ts";
import { StrmFailure } from "../../../../runner/failure.ts";
import { sinkConformance } from "../../../conformance/sink.ts";
import { sinkContext } from "../../../kit/contexts.ts";
import { emptyFolder, writeFiles } from "../../../kit/folder.ts";

const options = { path: "out/deep/a.jsonl", overwrite: false };

async function write(folder: string, text: string, overwrite = false): Promise<void> {
  const sink = await openFileSink({ ...options, overwrite }, sinkContext(folder));
  await sink.write(Buffer.from(text), 1);
  await sink.complete();
}

async function codeOf(doing: Promise<unknown>): Promise<string> {
  const error = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StrmFailure)) throw new Error("no failure", { cause: error });
  return error.code;
}

describe("the file sink", () => {
  sinkConformance(async () => {
    const folder = emptyFolder();
    const path = join(folder, options.path);
    return {
      sink: await openFileSink(options, sinkContext(folder)),
      visible: async () => (existsSync(path) ? readFileSync(path) : undefined),
      atomic: true,
    };
  });

  test("replaces its own untouched file, and nothing else unless told to", async () => {
    const folder = emptyFolder();
    const path = join(folder, options.path);
    await write(folder, "1\n");
    await write(folder, "2\n");
    expect(readFileSync(path, "utf8")).toBe("2\n");
    writeFileSync(path, "mine\n");
    expect(await codeOf(write(folder, "3\n"))).toBe("file.exists");
    expect(readFileSync(path, "utf8")).toBe("mine\n");
    await write(folder, "4\n", true);
    expect(readFileSync(path, "utf8")).toBe("4\n");
    expect(readdirSync(join(folder, "out/deep"))).toEqual(["a.jsonl"]);
  });

  test("fails at the end where a stranger's file came in the meantime", async () => {
    const folder = emptyFolder();
    const sink = await openFileSink(options, sinkContext(folder));
    await sink.write(Buffer.from("1\n"), 1);
    writeFiles(folder, { [options.path]: "theirs\n" });
    expect(await codeOf(sink.complete())).toBe("file.exists");
    await sink.abort();
    expect(readFileSync(join(folder, options.path), "utf8")).toBe("theirs\n");
    expect(readdirSync(join(folder, "out/deep"))).toEqual(["a.jsonl"]);
  });

  test("keeps its claim on the old file over runs that crashed between note and rename", async () => {
    const folder = emptyFolder();
    await write(folder, "1\n");
    const path = join(folder, options.path);
    const standing = identityOf(statSync(path, { bigint: true }));
    for (const crashed of ["a", "b", "c"])
      await new Written(join(folder, ".strm"), path).note(crashed, standing);
    await write(folder, "2\n");
    expect(readFileSync(join(folder, options.path), "utf8")).toBe("2\n");
  });

  test("removes what a run that is no more left, and leaves a living one's alone", async () => {
    const folder = emptyFolder();
    const target = join(folder, options.path);
    const dead = spawnSync("true").pid;
    const alive = process.ppid;
    const named = (pid: number) => temporaryName(target).replace(`-${process.pid}-`, `-${pid}-`);
    mkdirSync(join(folder, "out/deep"), { recursive: true });
    writeFileSync(named(dead), "left");
    writeFileSync(named(alive), "being written");
    await write(folder, "1\n");
    expect(readdirSync(join(folder, "out/deep")).map((name) => name.includes(`-${alive}-`))).toEqual([
      true,
      false,
    ]);
  });

  test("refuses a folder and a file where a folder should be", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, options.path), { recursive: true });
    expect(await codeOf(openFileSink(options, sinkContext(folder)))).toBe("file.not-a-file");
    const other = emptyFolder();
    writeFiles(other, { out: "" });
    expect(await codeOf(openFileSink(options, sinkContext(other)))).toBe("file.not-a-file");
    expect(await codeOf(openFileSink({ path: "/dev/null", overwrite: true }, sinkContext(other)))).toBe(
      "file.not-a-file",
    );
  });

  test("says that the disk is full", async () => {
    if (!existsSync("/dev/full")) return;
    // A real full disk needs a mount; what the system answers is the same on this device.
    const { open } = await import("node:fs/promises");
    const { fileFailure } = await import("../../../../runner/connectors/file/failures.ts");
    const handle = await open("/dev/full", "w");
    const error = await handle.write(Buffer.from("x")).catch((reason: unknown) => reason);
    await handle.close();
    expect(fileFailure(error, "a.jsonl", "write").code).toBe("file.disk-full");
  });

  test("writes keys for their owner's eyes alone", async () => {
    const folder = emptyFolder();
    const sink = await openFileSink(options, sinkContext(folder, { secret: true }));
    await sink.complete();
    expect(statSync(join(folder, options.path)).mode & 0o777).toBe(0o600);
  });
});
