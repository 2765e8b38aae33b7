// The kit's own promises: a broker comes up, survives being killed, and dies with whoever started it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { KafkaBroker } from "./kafka-broker.ts";
import { hasOwnKafka } from "./shared-kafka.ts";

const topics = "org.apache.kafka.tools.TopicCommand";

describe.skipIf(!hasOwnKafka())("a broker of one's own", () => {
  let broker: KafkaBroker | undefined;
  afterEach(() => broker?.stop());

  test("keeps its data and its port when it is killed and started again", async () => {
    broker = await KafkaBroker.start();
    const at = ["--bootstrap-server", broker.brokers];
    const made = await broker.tool(topics, ...at, "--create", "--topic", "kept", "--partitions", "3");
    expect(made).toMatchObject({ code: 0 });
    await broker.kill();
    await broker.restart();
    const { stdout } = await broker.tool(topics, ...at, "--list");
    expect(stdout.split("\n")).toContain("kept");
  }, 120_000);

  test("dies with the process that started it, and leaves no folder", async () => {
    const starter = fileURLToPath(new URL("./broker-starter.ts", import.meta.url));
    const child = spawn(process.execPath, [starter], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    const { pid, folder }: { readonly pid: number; readonly folder: string } = JSON.parse(String(line));
    expect(() => process.kill(pid, 0)).not.toThrow();
    child.kill("SIGKILL");
    await once(child, "exit");
    while (existsSync(folder)) await sleep(20);
    expect(() => process.kill(pid, 0)).toThrow();
  }, 120_000);
});
