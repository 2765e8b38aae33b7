// Messages with a schema's id are read and written by what a registry says, and by nothing else that it may do.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Json } from "../../../../dsl/spec/option-value.ts";
import { StrmFailure, TransientFailure } from "../../../../runner/failure.ts";
import { type AvroReadingOptions, openAvroReading } from "../../../../runner/formats/avro/reading.ts";
import { avroPrefix } from "../../../../runner/formats/avro/writing.ts";
import { avroType, plain } from "../../../kit/avro.ts";
import { Authority, opensslMissing } from "../../../kit/certificates.ts";
import { emptyFolder } from "../../../kit/folder.ts";
import { hasRegistry, type RegistryServer, startRegistry } from "../../../kit/registry.ts";
import { needServer } from "../../../kit/servers.ts";
import { SmallRegistry, type SmallRegistryOptions } from "../../../kit/small-registry.ts";

const schemaOf = (...fields: Json[]): Json => ({ type: "record", name: "Click", fields });
const contract = schemaOf({ name: "a", type: "long" }, { name: "b", type: "string", default: "none" });
const producer = schemaOf({ name: "more", type: "string" }, { name: "a", type: "int" });

async function started(options: SmallRegistryOptions = {}): Promise<SmallRegistry> {
  const registry = await SmallRegistry.start(options);
  onTestFinished(() => registry.close());
  return registry;
}

type Registry = NonNullable<AvroReadingOptions["registry"]>;

function reading(registry: Registry, baseDir = "/") {
  return openAvroReading({ schema: contract, maxEventBytes: 1_048_576, registry, step: "clicks", baseDir });
}

function prefix(registry: Registry & { readonly subject?: string }, register = false, schema = contract) {
  return avroPrefix({
    schema,
    topic: "clicks",
    registry: { ...registry, register },
    step: "safe->kafka",
    baseDir: "/",
  });
}

function framed(id: number, schema: Json, value: unknown): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, avroType(schema).toBuffer(value)]);
}

function read(taken: unknown): unknown {
  return taken instanceof Uint8Array ? plain(avroType(contract).fromBuffer(Buffer.from(taken))) : taken;
}

async function failureOf(doing: Promise<unknown> | unknown): Promise<StrmFailure> {
  try {
    await doing;
  } catch (error) {
    if (error instanceof StrmFailure) return error;
    throw error;
  }
  throw new Error("no failure");
}

describe("reading", () => {
  test("asks once for each schema, and then answers at once", async () => {
    const registry = await started();
    const old = registry.shelf.add("clicks-value", { schema: JSON.stringify(producer) });
    const own = registry.shelf.add("clicks-value", { schema: JSON.stringify(contract) });
    const take = await reading({ url: registry.url });
    const values = [framed(old, producer, { a: 1, more: "S" }), framed(old, producer, { a: 2, more: "S" })];
    const both = values.map((value) => take(value));
    expect(both.every((taken) => taken instanceof Promise)).toBe(true);
    expect((await Promise.all(both)).map(read)).toEqual([
      { a: "1n", b: "none" },
      { a: "2n", b: "none" },
    ]);
    expect(read(take(values[1]!))).toEqual({ a: "2n", b: "none" });
    expect(read(await take(framed(own, contract, { a: 3n, b: "x" })))).toEqual({ a: "3n", b: "x" });
    expect(registry.asked).toEqual([`GET /schemas/ids/${old}`, `GET /schemas/ids/${own}`]);
  });

  test("gives plain datums back as they are where no registry is used", async () => {
    const take = await openAvroReading({
      schema: contract,
      maxEventBytes: 100,
      step: "clicks",
      baseDir: "/",
    });
    const value = Buffer.from([2, 0]);
    expect(take(value)).toBe(value);
  });

  test.each(["", "\0", "\0\0\0\0", "\x01\0\0\0\x01datum", '{"a":1}'])(
    "refuses %j, which is not framed",
    async (text) => {
      const registry = await started();
      const take = await reading({ url: registry.url });
      expect(take(Buffer.from(text))).toMatchObject({ code: "event.not-framed" });
      expect(registry.asked).toEqual([]);
    },
  );

  test("refuses what was written with a schema that can't be had or read, and says nothing of the event", async () => {
    const registry = await started();
    const { shelf } = registry;
    const ids = [
      shelf.add("a", { schema: "message Click {}", schemaType: "PROTOBUF" }),
      shelf.add("a", { schema: JSON.stringify({ type: "record" }) }),
      shelf.add("a", { schema: JSON.stringify("Elsewhere") }),
      shelf.add("a", {
        schema: JSON.stringify(schemaOf()),
        references: [{ name: "b", subject: "b", version: 1 }],
      }),
      shelf.add("a", { schema: `${"[".repeat(100)}"int"${"]".repeat(100)}` }),
      0x41424344,
    ];
    const take = await reading({ url: registry.url });
    for (const id of ids) {
      const taken = await take(Buffer.concat([framed(id, "null", null), Buffer.from("SECRET")]));
      expect(taken).toMatchObject({ code: "event.unknown-schema" });
      expect(JSON.stringify(taken)).not.toMatch(/SECRET|1094861636|ABCD/);
    }
    const asked = registry.asked.length;
    expect(take(framed(0x41424344, "null", null))).toMatchObject({ code: "event.unknown-schema" });
    expect(registry.asked.length).toBe(asked);
  });

  test("reads schemas that refer to others", async () => {
    const registry = await started();
    const { shelf } = registry;
    const colour = { type: "enum", name: "x.Colour", symbols: ["RED"] };
    shelf.add("colour", { schema: JSON.stringify(colour) });
    const references = [{ name: "x.Colour", subject: "colour", version: 1 }];
    const inner = { type: "record", name: "x.Inner", fields: [{ name: "c", type: "Colour" }] };
    shelf.add("inner", { schema: JSON.stringify(inner), references });
    const outer = schemaOf(
      { name: "i", type: "x.Inner" },
      { name: "c", type: "x.Colour" },
      { name: "a", type: "int" },
    );
    const all = [{ name: "x.Inner", subject: "inner", version: 1 }];
    const id = shelf.add("outer", { schema: JSON.stringify(outer), references: all });
    const take = await reading({ url: registry.url });
    expect(read(await take(Buffer.from([0, 0, 0, 0, id, 0, 0, 10])))).toEqual({ a: "5n", b: "none" });
  });

  test("tries nothing by itself, and asks again after a failure that may pass", async () => {
    const registry = await started();
    const id = registry.shelf.add("a", { schema: JSON.stringify(producer) });
    const take = await reading({ url: registry.url });
    const value = framed(id, producer, { a: 1, more: "" });
    for (const fault of ["cut", { status: 503 }, { status: 429 }] as const) {
      registry.fail(fault, 1);
      const failure = await failureOf(take(value));
      expect(failure).toBeInstanceOf(TransientFailure);
      expect(failure.code).toBe("registry.unreachable");
    }
    expect(read(await take(value))).toEqual({ a: "1n", b: "none" });
    expect(registry.asked.length).toBe(4);
  });

  test("stops where what answers is no registry, does not allow it, or leads elsewhere", async () => {
    const registry = await started();
    const take = await reading({ url: registry.url, user: "me", password: "SECRET" });
    const other = await started();
    const faults = [
      [{ status: 401 }, "registry.denied"],
      [{ status: 403 }, "registry.denied"],
      [{ status: 302, headers: { location: other.url } }, "registry.refused"],
      [{ status: 404, body: "<html>" }, "registry.garbled"],
      [{ status: 404, body: "{}" }, "registry.garbled"],
      [{ status: 200, body: "{}" }, "registry.garbled"],
      [{ status: 200, body: "x".repeat(5_000_000) }, "registry.garbled"],
      [{ status: 400, body: "{}" }, "registry.refused"],
    ] as const;
    for (const [fault, code] of faults) {
      registry.fail(fault, 1);
      const failure = await failureOf(take(framed(1, "null", null)));
      expect([code, failure.code, failure instanceof TransientFailure]).toEqual([code, code, false]);
      expect(`${failure.message} ${failure.help}`).not.toContain("SECRET");
    }
    expect(other.asked).toEqual([]);
  });

  test("is a failure that may pass where nobody listens", async () => {
    const registry = await SmallRegistry.start();
    const { url } = registry;
    await registry.close();
    const failure = await failureOf((await reading({ url }))(framed(1, "null", null)));
    expect(failure).toBeInstanceOf(TransientFailure);
  });
});

describe("as whom and by what it asks", () => {
  const schema = { schema: JSON.stringify(contract) };

  test.each([
    ["Basic bWU6cMOkc3M=", { user: "me", password: "päss" }],
    ["Bearer t0ken", { token: "t0ken" }],
  ])("%s", async (authorization, credentials) => {
    const registry = await started({ authorization });
    registry.shelf.add("clicks-value", schema);
    expect((await prefix({ url: `${registry.url}/`, ...credentials })).length).toBe(5);
    expect((await failureOf(prefix({ url: registry.url }))).code).toBe("registry.denied");
  });

  test.skipIf(!needServer("A registry with TLS", opensslMissing()))(
    "TLS with an authority of its own",
    async () => {
      const folder = emptyFolder();
      const authority = new Authority(folder);
      const registry = await started({ tls: authority.issue("registry", "IP:127.0.0.1") });
      const id = registry.shelf.add("clicks-value", schema);
      writeFileSync(join(folder, "ca.pem"), authority.cert);
      const value = framed(id, contract, { a: 1n, b: "" });
      expect(read(await (await reading({ url: registry.url, ca: "ca.pem" }, folder))(value))).toEqual({
        a: "1n",
        b: "",
      });
      expect((await failureOf((await reading({ url: registry.url }))(value))).code).toBe("registry.tls");
      const plainText = await started();
      const url = plainText.url.replace("http:", "https:");
      expect((await failureOf((await reading({ url }))(value))).code).toBe("registry.tls");
    },
  );

  test.each<Registry>([
    { url: "registry:8081" },
    { url: "ftp://registry" },
    { url: "http://me:SECRET@registry" },
    { url: "http://registry?key=SECRET" },
    { url: "http://registry", user: "me" },
    { url: "http://registry", user: "me", password: "SECRET", token: "SECRET" },
    { url: "http://registry", ca: "absent.pem" },
  ])("refuses %j", async (registry) => {
    const failure = await failureOf(reading(registry));
    expect(failure.code).toBe("registry.options");
    expect(`${failure.message} ${failure.help}`).not.toContain("SECRET");
  });
});

describe("writing", () => {
  test("has no prefix where no registry is used", async () => {
    const options = { schema: contract, topic: "clicks", step: "safe->kafka", baseDir: "/" };
    expect(await avroPrefix(options)).toEqual(new Uint8Array(0));
  });

  test("looks its schema up, or registers it where that is allowed", async () => {
    const registry = await started();
    registry.shelf.add("other", { schema: '"int"' });
    expect((await failureOf(prefix({ url: registry.url }))).code).toBe("registry.no-schema");
    registry.shelf.add("clicks-value", { schema: '"int"' });
    expect((await failureOf(prefix({ url: registry.url }))).code).toBe("registry.no-schema");
    const made = await prefix({ url: registry.url }, true);
    expect([...made]).toEqual([0, 0, 0, 0, 2]);
    expect(await prefix({ url: registry.url }, true)).toEqual(made);
    expect(await prefix({ url: registry.url })).toEqual(made);
    expect((await failureOf(prefix({ url: registry.url, subject: "a/ b" }))).code).toBe("registry.no-schema");
    expect(registry.asked.at(-1)).toBe("POST /subjects/a%2F%20b");
  });

  test("stops where the subject takes no such schema", async () => {
    const registry = await started();
    registry.shelf.closeSubject("clicks-value");
    expect((await failureOf(prefix({ url: registry.url }, true))).code).toBe("registry.incompatible");
    registry.fail({ status: 422, body: '{"error_code":42201}' }, 1);
    expect((await failureOf(prefix({ url: registry.url }, true))).code).toBe("registry.refused");
  });
});

describe.skipIf(!hasRegistry())("with a real registry", () => {
  let server: RegistryServer | undefined;
  beforeAll(async () => {
    server = await startRegistry();
  });
  afterAll(() => server?.stop());

  test("what is registered is found, and read by its id", async () => {
    const registry = { url: server?.url ?? "" };
    expect((await failureOf(prefix(registry))).code).toBe("registry.no-schema");
    const head = Buffer.from(await prefix(registry, true, producer));
    expect(await prefix(registry, false, producer)).toEqual(head);
    expect((await failureOf(prefix(registry))).code).toBe("registry.no-schema");
    const take = await reading(registry);
    const value = Buffer.concat([head, avroType(producer).toBuffer({ a: 7, more: "S" })]);
    expect(read(await take(value))).toEqual({ a: "7n", b: "none" });
    expect(await take(framed(123_456, "null", null))).toMatchObject({ code: "event.unknown-schema" });
    expect(await take(framed(0, "null", null))).toMatchObject({ code: "event.unknown-schema" });
  });

  test("a URL without the path of its API is noticed", async () => {
    const url = (server?.url ?? "").replace(/\/apis.*/, "");
    expect((await failureOf((await reading({ url }))(framed(1, "null", null)))).code).toBe(
      "registry.garbled",
    );
  });
});
