// What a sink has noted of its files is durable before they get their names, whoever wrote it down.
import { expect, test } from "vitest";
import { Written } from "../../../../runner/connectors/file/written.ts";
import { folderInMemory } from "../../../kit/folder.ts";
import { syncs } from "../../../kit/syncs.ts";

const files = [{ name: "safe.jsonl", identity: "1:2:3:4" }];

test("a note of a run that was killed before it was durable is made durable by the run that finds it", async () => {
  const folder = folderInMemory();
  const spy = (await syncs()).mockRejectedValueOnce(new Error("killed"));
  const killed = await Written.open(folder, "safe");
  await expect(killed.note(files)).rejects.toThrow("killed");
  const next = await Written.open(folder, "safe");
  expect(next.has(files[0]!)).toBe(true);
  spy.mockClear();
  await next.note(files);
  expect(spy).toHaveBeenCalledTimes(1);
  await next.note(files);
  await next.note([]);
  expect(spy).toHaveBeenCalledTimes(1);
  await next.note([{ name: "safe.jsonl", identity: "1:2:3:5" }]);
  expect(spy).toHaveBeenCalledTimes(2);
  spy.mockRestore();
});
