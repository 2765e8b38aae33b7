// Parts bear their number before the whole extension; hidden names bear the job's.
import { describe, expect, test } from "vitest";
import { PartNames } from "../../../../runner/connectors/file/part-names.ts";
import { FileSinks } from "../../../kit/file-sinks.ts";
import { folderInMemory, writeFiles } from "../../../kit/folder.ts";

describe("names", () => {
  test.each([
    ["safe.jsonl", "safe-000001.jsonl"],
    ["safe.jsonl.gz", "safe-000001.jsonl.gz"],
    ["safe", "safe-000001"],
    [".safe", ".safe-000001"],
    [".safe.jsonl", ".safe-000001.jsonl"],
    ["a-000009.b.c", "a-000009-000001.b.c"],
  ])("of %s: %s", (name, part) => {
    const names = new PartNames(`/out/${name}`, "a1b2c3d4");
    expect(names.nameOf(0)).toBe(name);
    expect(names.pathOf(1)).toBe(`/out/${part}`);
    expect(names.hiddenPathOf(1)).toBe(`/out/.${part}.a1b2c3d4.strm-part`);
    expect(names.nameOf(1_234_567)).toBe(part.replace("000001", "1234567"));
  });

  test("finds the parts that stand there, in the order of their numbers, and nothing else", async () => {
    const folder = folderInMemory();
    const others = [
      "safe.jsonl",
      "safe-1.jsonl",
      "safe-00000a.jsonl",
      "safe-000001.json",
      "unsafe-000001.jsonl",
    ];
    const parts = ["safe-1000000.jsonl", "safe-000010.jsonl", "safe-000009.jsonl"];
    writeFiles(
      folder,
      Object.fromEntries([...others, ...parts, ".safe-000003.jsonl.a.strm-part"].map((name) => [name, ""])),
    );
    expect(await new PartNames(`${folder}/safe.jsonl`, "a").standing()).toEqual([9, 10, 1_000_000]);
  });
});

describe("a sink's parts", () => {
  test("go on with the next number, over checkpoints and runs", async () => {
    const sinks = new FileSinks({ path: "out/safe.jsonl.gz", max_size: 4 });
    const state = await sinks.run(["1\n", "2\n", "3\n"]);
    expect(Object.keys(sinks.files())).toEqual(["safe-000001.jsonl.gz", "safe-000002.jsonl.gz"]);
    const next = await sinks.run(["4\n"], state);
    await sinks.run(["5\n", "6\n", "7\n"], next);
    expect(Object.values(sinks.files())).toEqual(["1\n2\n", "3\n", "4\n", "5\n6\n", "7\n"]);
    expect(Object.keys(sinks.files()).at(-1)).toBe("safe-000005.jsonl.gz");
  });
});
