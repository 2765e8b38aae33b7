// The kit's own promises: a broker comes up, and keeps its data when it is killed.
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
});
