// The small registry answers as a real one does, so that tests may trust it; and its faults are what they say.
import { get } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, opensslMissing } from "./certificates.ts";
import { emptyFolder } from "./folder.ts";
import { hasRegistry, type RegistryServer, startRegistry } from "./registry.ts";
import { needServer } from "./servers.ts";
import { SmallRegistry } from "./small-registry.ts";

const record = (name: string, type: string, more: object = {}) => ({
  schema: JSON.stringify({ type: "record", name, fields: [{ name: "n", type }] }),
  ...more,
});

/** What matters of all answers there are. */
interface Answer {
  readonly id?: number;
  readonly error_code?: number;
  readonly schema?: string;
  readonly schemaType?: string;
  readonly references?: readonly unknown[];
  readonly version?: number;
}

async function ask(url: string, method: string, path: string, body?: object) {
  const answer = await fetch(url + path, {
    method,
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { id, error_code, schema, references, schemaType, version }: Answer = JSON.parse(await answer.text());
  // Some registries leave out what says nothing.
  const type = schemaType === "AVRO" ? undefined : schemaType;
  return { status: answer.status, id, error_code, schema, version, type, references: references ?? [] };
}

/** What any client sees of a registry that was empty. */
async function conversation(url: string): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  // Not every number need be used; in which order schemas get theirs is what counts.
  const ids: (number | undefined)[] = [undefined];
  const say = async (method: string, path: string, body?: object) => {
    const { id, ...rest } = await ask(url, method, path, body);
    if (!ids.includes(id)) ids.push(id);
    answers.push([method, path.replace(/ids.*/, "ids"), { ...rest, id: ids.indexOf(id) }]);
  };
  await say("GET", "/schemas/ids/1");
  await say("POST", "/subjects/a-value", record("A", "int"));
  await say("POST", "/subjects/a-value/versions", record("A", "int"));
  await say("POST", "/subjects/a-value/versions", record("A", "int"));
  await say("POST", "/subjects/a-value", record("A", "int"));
  await say("POST", "/subjects/a-value", record("A", "string"));
  await say("POST", "/subjects/a-value/versions", record("A", "long"));
  await say("GET", `/schemas/ids/${ids[2]}`);
  await say("GET", "/subjects/a-value/versions/latest");
  await say("GET", "/subjects/a-value/versions/1");
  await say("GET", "/subjects/a-value/versions/9");
  await say("GET", "/subjects/none/versions/latest");
  await say("POST", "/subjects/other/versions", record("A", "int"));
  await say("POST", "/subjects/a-value/versions", { schema: '{"type":' });
  const references = [{ name: "A", subject: "a-value", version: 1 }];
  await say("POST", "/subjects/b-value/versions", record("B", "A", { references }));
  await say("GET", `/schemas/ids/${ids[3]}`);
  const json = {
    schema: '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}',
    schemaType: "JSON",
  };
  await say("POST", "/subjects/j-value/versions", json);
  await say("GET", `/schemas/ids/${ids[4]}`);
  return answers;
}

describe.skipIf(!hasRegistry())("beside a real registry", () => {
  let real: RegistryServer;
  beforeAll(async () => {
    real = await startRegistry();
  });
  afterAll(() => real?.stop());

  test("the small one gives the same answers", async () => {
    const small = await SmallRegistry.start();
    expect(await conversation(small.url)).toEqual(await conversation(real.url));
    await small.close();
  });
});

describe("faults", () => {
  test("come so often as was said, and are counted among the requests", async () => {
    const registry = await SmallRegistry.start();
    const id = registry.shelf.add("a-value", record("A", "int"));
    registry.fail({ status: 503, body: "{}" }, 2);
    const answers = await Promise.all([1, 2, 3].map(() => ask(registry.url, "GET", `/schemas/ids/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503, 503]);
    expect(registry.asked).toEqual(Array(3).fill("GET /schemas/ids/1"));
    registry.fail("cut");
    await expect(ask(registry.url, "GET", "/schemas/ids/1")).rejects.toThrow();
    await registry.close();
  });

  test("a request that is held is answered when the registry recovers", async () => {
    const registry = await SmallRegistry.start();
    registry.fail("held");
    const answer = ask(registry.url, "POST", "/subjects/a-value/versions", record("A", "int"));
    await registry.hasBeenAsked(1);
    registry.recover();
    expect(await answer).toMatchObject({ status: 200, id: 1 });
    await registry.close();
  });

  test("strangers are refused, and so are schemas that a closed subject does not have", async () => {
    const registry = await SmallRegistry.start({ authorization: "Bearer word" });
    expect(await ask(registry.url, "GET", "/schemas/ids/1")).toMatchObject({ status: 401 });
    await registry.close();
    const open = await SmallRegistry.start();
    open.shelf.add("a-value", record("A", "int"));
    open.shelf.closeSubject("a-value");
    const register = (type: string) => ask(open.url, "POST", "/subjects/a-value/versions", record("A", type));
    expect(await register("int")).toMatchObject({ status: 200, id: 1 });
    expect(await register("string")).toMatchObject({ status: 409 });
    await open.close();
  });

  test.skipIf(!needServer("TLS", opensslMissing()))("it speaks TLS", async () => {
    const authority = new Authority(emptyFolder());
    const tls = authority.issue("registry", "IP:127.0.0.1");
    const registry = await SmallRegistry.start({ tls });
    const status = await new Promise((resolve, reject) => {
      const request = get(`${registry.url}/schemas/ids/1`, { ca: authority.cert }, (answer) =>
        resolve(answer.statusCode),
      );
      request.on("error", reject);
    });
    expect(status).toBe(404);
    await registry.close();
  });
});
