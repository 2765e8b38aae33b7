// The quarantine holds what a checkpoint holds, for its owner's eyes alone.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Quarantine, quarantineFolder } from "../../../runner/engine/quarantine.ts";
import { sinkConformance } from "../../conformance/sink.ts";
import { emptyFolder } from "../../kit/folder.ts";

describe("the quarantine", () => {
  sinkConformance(
    () => {
      const folder = emptyFolder();
      const path = join(quarantineFolder(folder), "run.jsonl");
      return {
        open: (resume) => Quarantine.open(folder, "run", resume),
        visible: () =>
          existsSync(path) ? [{ content: readFileSync(path), sizeBytes: statSync(path).size }] : [],
        hidden: () => [],
      };
    },
    { shownBy: "write", exact: true, emptyObjects: 0, reports: false },
  );

  test("is readable by its owner alone, and made only when it is needed", async () => {
    const folder = emptyFolder();
    const quarantine = await Quarantine.open(folder, "run");
    await quarantine.prepare();
    expect(existsSync(quarantineFolder(folder))).toBe(false);
    await quarantine.write(Buffer.from("{}\n"), 1);
    await quarantine.close();
    expect(statSync(quarantineFolder(folder)).mode & 0o777).toBe(0o700);
    expect(statSync(quarantine.path).mode & 0o777).toBe(0o600);
  });

  test("counts what waits in it, over runs", async () => {
    const folder = emptyFolder();
    const quarantine = await Quarantine.open(folder, "run");
    await quarantine.write(Buffer.from("{}\n{}\n{}\n"), 3);
    quarantine.replayed("run.jsonl");
    quarantine.replayed("other.jsonl");
    expect(quarantine.events).toBe(2);
    const state = await quarantine.prepare();
    await quarantine.commit();
    quarantine.replayed("run.jsonl");
    await quarantine.close();
    const next = await Quarantine.open(folder, "run", state);
    expect(next.events).toBe(2);
    await next.close();
  });
});
