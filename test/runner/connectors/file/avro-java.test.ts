// Files of ours are read by Java's own library and by avsc, and what Java writes is read by us.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import { openFileSink } from "../../../../runner/connectors/file/sink.ts";
import { openFileSource } from "../../../../runner/connectors/file/source.ts";
import { sealedSchema } from "../../../../runner/plan/sealed-schema.ts";
import { finish } from "../../../conformance/sink.ts";
import { avroType, plain } from "../../../kit/avro.ts";
import { containerIn, valuesIn } from "../../../kit/avro-files.ts";
import { sinkContext, sourceContext } from "../../../kit/contexts.ts";
import { codeOf } from "../../../kit/failures.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { runJava } from "../../../kit/java.ts";
import { jarsOf } from "../../../kit/maven.ts";
import { javaMissing, needServer } from "../../../kit/servers.ts";
import { Taken } from "../../../kit/taken.ts";

const contract: Json = {
  type: "record",
  name: "Click",
  namespace: "acme.clicks",
  fields: [
    { name: "session", type: "string" },
    { name: "n", type: "long", default: 3 },
    { name: "email", type: ["null", "string"], default: null },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "kind", type: { type: "enum", name: "Kind", symbols: ["A", "B"] } },
  ],
};
const schema = sealedSchema(contract, []);
const type = avroType(schema);

const events = Array.from({ length: 5000 }, (_, i) => ({
  session: `s-${i % 7}`,
  n: 2n ** 53n + BigInt(i),
  email: i % 3 === 0 ? null : { string: `käse-${i}@mail.example` },
  at: 1_763_000_000_000n + BigInt(i),
  kind: i % 2 === 0 ? "A" : "B",
  strmMeta: {
    eventContractRef: "acme/clicks/1.0.0",
    nonce: i,
    timestamp: 1_763_000_000_000n,
    keyLink: "k",
    consentLevels: [0, 1],
  },
}));

async function written(folder: string, compress: "none" | "gzip" | "zstd"): Promise<string> {
  const context = sinkContext(folder, { format: "avro", schema });
  const sink = await openFileSink({ path: "ours.avro", compress, overwrite: false }, context);
  for (let at = 0; at < events.length; at += 500) {
    const slice = events.slice(at, at + 500);
    await sink.write(Buffer.concat(slice.map((event) => type.toBuffer(event))), slice.length);
  }
  await finish(sink);
  return join(folder, "ours.avro");
}

async function read(folder: string, path: string): Promise<readonly unknown[]> {
  const context = sourceContext(folder, { format: "avro", schema });
  const source = await openFileSource({ path, follow: false }, context);
  const taken = new Taken();
  for await (const item of source.items(new AbortController().signal)) taken.take(item);
  await source.close();
  return taken.texts.map((text) => plain(type.fromBuffer(Buffer.from(text, "latin1"))));
}

const expected = events.map(plain);

test.each(["none", "gzip"] as const)(
  "what is written with compress = %s is read by avsc",
  async (compress) => {
    expect(await valuesIn(await written(emptyFolder(), compress))).toEqual(expected);
  },
);

describe.skipIf(!needServer("Avro for Java", javaMissing()))("Java", () => {
  let jars = "";
  beforeAll(async () => {
    jars = await jarsOf("avro-tools-1.12.0", ["org.apache.avro:avro-tools:1.12.0"]);
  });

  async function tool(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runJava(jars, "org.apache.avro.tool.Main", args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  test.each(["none", "gzip", "zstd"] as const)(
    "reads what is written with compress = %s",
    async (compress) => {
      const path = await written(emptyFolder(), compress);
      const lines = (await tool("tojson", path)).trim().split("\n");
      expect(lines.length).toBe(events.length);
      const strmMeta = { ...events[4]!.strmMeta, timestamp: 1_763_000_000_000 };
      expect(lines[4]).toContain('"n":9007199254740996,');
      expect(JSON.parse(lines[4]!)).toMatchObject({
        email: { string: "käse-4@mail.example" },
        kind: "A",
        strmMeta,
      });
      expect(containerIn(readFileSync(path)).blocks.length).toBeGreaterThan(1);
    },
  );

  test.each(["null", "deflate", "snappy", "zstandard"])("writes %s, and we read it", async (codec) => {
    const folder = emptyFolder();
    await tool("recodec", "--codec", codec, await written(folder, "none"), join(folder, "theirs.avro"));
    expect(await read(folder, "theirs.avro")).toEqual(expected);
  });

  test.each(["bzip2", "xz"])("writes %s, and we say that we can't read it", async (codec) => {
    const folder = emptyFolder();
    await tool(
      "recodec",
      "--codec",
      codec,
      "--level",
      "1",
      await written(folder, "none"),
      join(folder, "theirs.avro"),
    );
    expect(await codeOf(read(folder, "theirs.avro"))).toBe("file.avro");
  });

  test("puts two files of ours together, and we read them", async () => {
    const folder = emptyFolder();
    const path = await written(folder, "none");
    await tool("concat", path, path, join(folder, "both.avro"));
    expect(await read(folder, "both.avro")).toEqual([...expected, ...expected]);
  });
});
