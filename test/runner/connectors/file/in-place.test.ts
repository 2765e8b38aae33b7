// A sink's files take the place of its own old ones, and never of somebody else's.
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { identityOf, Written } from "../../../../runner/connectors/file/written.ts";
import { abandon, cutOf, stored } from "../../../conformance/sink.ts";
import { codeOf } from "../../../kit/failures.ts";
import { checkpoint, FileSinks, writeText } from "../../../kit/file-sinks.ts";
import { writeFiles } from "../../../kit/folder.ts";

const name = "safe.jsonl";

describe("a file at the place of the new one", () => {
  test("is replaced where it is the sink's own and untouched, and else only with `overwrite`", async () => {
    const sinks = new FileSinks();
    await sinks.run(["1\n"]);
    await sinks.run(["2\n"]);
    expect(sinks.files()).toEqual({ [name]: "2\n" });
    writeFileSync(sinks.path(name), "mine\n");
    expect(await codeOf(sinks.run(["3\n"]))).toBe("file.exists");
    expect(sinks.files()).toEqual({ [name]: "mine\n" });
    await sinks.run(["4\n"], undefined, { overwrite: true });
    expect(sinks.files()).toEqual({ [name]: "4\n" });
    await sinks.run(["5\n"]);
    expect(sinks.files()).toEqual({ [name]: "5\n" });
  });

  test("stays where it is a stranger's that came in the meantime, until it is moved away", async () => {
    const sinks = new FileSinks();
    const sink = await sinks.open();
    await writeText(sink, "1\n");
    const state = stored(await sink.prepare(cutOf(1, true)));
    writeFiles(sinks.place, { [name]: "theirs\n" });
    expect(await codeOf(sink.commit())).toBe("file.exists");
    await sink.close();
    expect(sinks.files()[name]).toBe("theirs\n");
    expect(await codeOf(sinks.run([], state))).toBe("file.exists");
    renameSync(sinks.path(name), sinks.path("theirs.jsonl"));
    await sinks.run([], state);
    expect(sinks.files()).toEqual({ [name]: "1\n", "theirs.jsonl": "theirs\n" });
  });

  test("stays where it is a stranger's that has the name of a part", async () => {
    const sinks = new FileSinks({ max_size: 4 });
    writeFiles(sinks.place, { "safe-000002.jsonl": "theirs\n" });
    expect(await codeOf(sinks.open())).toBe("file.exists");
    rmSync(sinks.path("safe-000002.jsonl"));
    const state = await sinks.run(["1\n"]);
    writeFiles(sinks.place, { "safe-000002.jsonl": "theirs\n" });
    expect(await codeOf(sinks.run(["2\n"], state))).toBe("file.exists");
    expect(sinks.files()["safe-000002.jsonl"]).toBe("theirs\n");
  });

  test("is still the sink's own after runs that crashed between note and rename", async () => {
    const sinks = new FileSinks();
    await sinks.run(["1\n"]);
    const standing = identityOf(statSync(sinks.path(name), { bigint: true }));
    for (const crashed of ["1:2:3:4", "1:2:3:5", "1:2:3:6"]) {
      const written = await Written.open(join(sinks.folder, ".strm"), sinks.path(name));
      expect(written.has({ name, identity: standing })).toBe(true);
      await written.note([{ name, identity: crashed }]);
    }
    await sinks.run(["2\n"]);
    expect(sinks.files()).toEqual({ [name]: "2\n" });
  });

  test("fails before anything is read where it is a folder or a device, or has none to stand in", async () => {
    const folder = new FileSinks();
    mkdirSync(folder.path(name), { recursive: true });
    expect(await codeOf(folder.open())).toBe("file.not-a-file");
    const none = new FileSinks();
    writeFiles(none.folder, { out: "" });
    expect(await codeOf(none.open())).toBe("file.not-a-file");
    expect(await codeOf(none.open(undefined, { path: "/dev/null", overwrite: true }))).toBe(
      "file.not-a-file",
    );
  });

  test("is claimed, so that no other step of the run has it", async () => {
    const sinks = new FileSinks();
    const claimed: string[] = [];
    const sink = await sinks.open(undefined, {}, { claim: (place) => claimed.push(place) });
    await sink.close();
    expect(claimed).toEqual([sinks.path(name)]);
  });
});

describe("what a crash prevented", () => {
  test("is made up for: the rename, with the events that it stood for", async () => {
    const sinks = new FileSinks();
    const state = await sinks.killed(["1\n2\n"]);
    expect(sinks.files()[name]).toBeUndefined();
    const sink = await sinks.open(state);
    expect(await sink.commit()).toEqual({
      events: 2,
      written: [{ target: sinks.path(name), events: 2, sizeBytes: 4 }],
    });
    await sink.close();
    expect(sinks.files()).toEqual({ [name]: "1\n2\n" });
  });

  test("is made up for between link and unlink, when both are names of one file", async () => {
    const sinks = new FileSinks();
    const state = await sinks.killed(["1\n"]);
    const [hidden = ""] = readdirSync(sinks.place);
    const identity = identityOf(statSync(sinks.path(hidden), { bigint: true }));
    await (await Written.open(join(sinks.folder, ".strm"), sinks.path(name))).note([{ name, identity }]);
    linkSync(sinks.path(hidden), sinks.path(name));
    const next = await sinks.open(state);
    expect((await next.commit()).events).toBe(1);
    expect(sinks.files()).toEqual({ [name]: "1\n" });
    await writeText(next, "2\n");
    expect((await checkpoint(next, true)).committed.events).toBe(1);
    await next.close();
    expect(sinks.files()).toEqual({ [name]: "1\n2\n" });
  });

  test("is made up for where some of a checkpoint's parts were shown, and some taken away by their reader", async () => {
    const sinks = new FileSinks({ max_size: 4 });
    const sink = await sinks.open();
    for (const text of ["1\n", "22\n", "33\n", "44\n", "55\n"]) await writeText(sink, text);
    const state = stored(await sink.prepare(cutOf(1, false)));
    abandon(sink);
    const written = await Written.open(join(sinks.folder, ".strm"), sinks.path(name));
    const hidden = readdirSync(sinks.place).sort();
    for (const [i, one] of hidden.slice(0, 3).entries()) {
      const shown = `safe-00000${i + 1}.jsonl`;
      const identity = identityOf(statSync(sinks.path(one), { bigint: true }));
      await written.note([{ name: shown, identity }]);
      if (i === 2) linkSync(sinks.path(one), sinks.path(shown));
      else renameSync(sinks.path(one), sinks.path(shown));
    }
    rmSync(sinks.path("safe-000001.jsonl"));
    const next = await sinks.open(state);
    expect((await next.commit()).events).toBe(4);
    await checkpoint(next, true);
    await next.close();
    expect(sinks.files()).toEqual({
      "safe-000002.jsonl": "22\n",
      "safe-000003.jsonl": "33\n",
      "safe-000004.jsonl": "44\n",
      "safe-000005.jsonl": "55\n",
    });
  });
});
