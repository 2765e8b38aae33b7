// The examples of docs/opening.md, as they stand there, open what a real run has sealed: stock Tink knows nothing of us.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root, strm } from "../kit/cli.ts";
import { emptyFolder, linesOf, writeFiles } from "../kit/folder.ts";
import { runJava } from "../kit/java.ts";
import { jarsOf } from "../kit/maven.ts";
import { pythonMissing, pythonPackages, runPython } from "../kit/python.ts";
import { fetchReaders, readBackS3 } from "../kit/read-back.ts";
import { newS3Bucket } from "../kit/s3-server.ts";
import { javaCompilerMissing, needServer } from "../kit/servers.ts";
import { hasSharedS3, sharedS3 } from "../kit/shared-buckets.ts";

/** The page's code, by the name that stands in each block's first line. */
const examples = new Map(
  [
    ...readFileSync(join(root, "docs/opening.md"), "utf8").matchAll(
      /```\w+\n((?:\/\/|#|--) (\S+)\n.*?)```/gs,
    ),
  ].map(([, code = "", name = ""]) => [name, code]),
);

interface Visit {
  readonly session: string;
  readonly customer: { readonly id: string | null; readonly emails: readonly string[] };
  readonly page: string;
  readonly visitedAt: number;
  readonly consents: readonly number[];
}

/** Over three days, and so with several key links for a session. */
const visits: readonly Visit[] = Array.from({ length: 400 }, (_, i) => ({
  session: `session-${i % 23}`,
  customer: {
    id: i % 5 === 0 ? null : `käufer "${i % 7}", ${i % 7 === 3 ? "" : "日本"}`,
    emails: Array.from({ length: i % 3 }, (_, n) => (i % 11 === 0 ? "" : `someone-${i}-${n}@example.com`)),
  },
  page: `/p/${i % 9}`,
  visitedAt: Date.UTC(2026, 5, 1) + i * 600_000,
  consents: [0, 1, 2].filter((level) => (i + level) % 4 > 0),
}));

type Opened = Visit & { readonly strmMeta: { readonly consentLevels: readonly number[] } };

const schemes = ["purpose_bound", "strm"] as const;

/** What the page's pipeline writes, with the page's other examples beside it. */
async function sealedIn(scheme: (typeof schemes)[number]): Promise<string> {
  const folder = emptyFolder();
  const lines = visits.map((visit) => `${JSON.stringify(visit)}\n`).join("");
  writeFiles(folder, { ...Object.fromEntries(examples), "visits.jsonl": lines });
  const { code, stderr } = await strm(["run", "visits.strm", "--set", `scheme=${scheme}`], { cwd: folder });
  if (code !== 0) throw new Error(stderr);
  const safe = readFileSync(join(folder, "safe.jsonl"), "utf8");
  for (const personal of ["session-", "käufer", "@example.com"]) expect(safe).not.toContain(personal);
  return folder;
}

function expectOpened(output: string): void {
  const opened: readonly Opened[] = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(opened.map(({ strmMeta, ...visit }) => visit)).toEqual(visits);
  expect(opened.map(({ strmMeta }) => strmMeta.consentLevels)).toEqual(
    visits.map(({ consents }) => consents),
  );
}

/** As the examples print it: by customers who agreed to be counted. */
function counted(): readonly string[] {
  const counts = new Map<string, number>();
  for (const { customer, consents } of visits) {
    if (customer.id === null || !consents.includes(1)) continue;
    counts.set(customer.id, (counts.get(customer.id) ?? 0) + 1);
  }
  const rows = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return rows.map(([customer, count]) => `${customer},${count}`);
}

describe.skipIf(!needServer("Tink for Python", pythonMissing()))("in Python", () => {
  let packages = "";
  beforeAll(async () => {
    if (hasSharedS3()) await Promise.all([sharedS3(), fetchReaders()]);
    packages = await pythonPackages("opening", ["tink==1.16.1", "duckdb==2.0.1", "pandas==3.1.1"]);
  });

  async function python(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
    const options = { args, cwd, env: { PYTHONIOENCODING: "utf-8" } };
    const { code, stdout, stderr } = await runPython(packages, join(cwd, program), options);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  test.each(schemes)("each sealed value opens with Tink, scheme %s, keys in either form", async (scheme) => {
    const folder = await sealedIn(scheme);
    expectOpened(await python(folder, "open_sealed.py", "keys.csv", "safe.jsonl"));
    expectOpened(await python(folder, "open_sealed.py", "keys.jsonl", "safe.jsonl"));
  });

  test.skipIf(!hasSharedS3())("what stands in two buckets, in many objects, opens in one go", async () => {
    const s3 = await sharedS3();
    const [safe, keys] = await Promise.all([newS3Bucket(s3), newS3Bucket(s3)]);
    const folder = emptyFolder();
    const program = (examples.get("visits-to-buckets.strm") ?? "")
      .replace('"acme-safe"', `"${safe}", max_events = 150`)
      .replace('"acme-keys"', `"${keys}"`)
      .replaceAll("into s3 {", `into s3 { endpoint = "${s3.endpoint}", region = "${s3.region}"`);
    writeFiles(folder, { ...Object.fromEntries(examples), "visits-to-buckets.strm": program });
    writeFiles(folder, { "visits.jsonl": visits.map((visit) => `${JSON.stringify(visit)}\n`).join("") });
    const { accessKeyId: access_key_id, secretAccessKey: secret_access_key } = s3.app;
    const env = {
      AWS_ACCESS_KEY_ID: access_key_id,
      AWS_SECRET_ACCESS_KEY: secret_access_key,
      KEY_WRITER: JSON.stringify({ access_key_id, secret_access_key }),
    };
    const { code, stderr } = await strm(["run", "visits-to-buckets.strm"], { cwd: folder, env });
    if (code !== 0) throw new Error(stderr);
    const fetched = {
      safe: await readBackS3(s3, safe, "visits/"),
      keys: await readBackS3(s3, keys, "visits/"),
    };
    expect(fetched.safe.length).toBe(3);
    for (const [name, objects] of Object.entries(fetched)) {
      const files = objects.map(({ key, bytes }) => [key.replace("visits", name), bytes]);
      writeFiles(folder, Object.fromEntries(files));
    }
    expectOpened(await python(folder, "open_sealed.py", "keys/*.csv", "safe/*.jsonl"));
  });

  test("a purpose's keys open its fields, and leave all others sealed", async () => {
    const folder = await sealedIn("purpose_bound");
    const rows = linesOf(folder, "keys.jsonl").filter((row) => JSON.parse(row).purpose === 1);
    writeFiles(folder, { "some.jsonl": rows.map((row) => `${row}\n`).join("") });
    const output = await python(folder, "open_sealed.py", "some.jsonl", "safe.jsonl");
    const safe: readonly Visit[] = linesOf(folder, "safe.jsonl").map((line) => JSON.parse(line));
    output
      .trimEnd()
      .split("\n")
      .forEach((line, i) => {
        const { session, customer }: Visit = JSON.parse(line);
        expect({ session, customer }).toEqual({
          session: safe[i]?.session,
          customer: { id: visits[i]?.customer.id, emails: safe[i]?.customer.emails },
        });
      });
  });

  test("a value that was moved to another field does not open", async () => {
    const folder = await sealedIn("purpose_bound");
    const [line = ""] = linesOf(folder, "safe.jsonl").filter((one) => JSON.parse(one).customer.id !== null);
    const event = JSON.parse(line);
    writeFiles(folder, {
      "moved.jsonl": `${JSON.stringify({ ...event, session: event.customer.id })}\n`,
    });
    const options = { args: ["keys.csv", "moved.jsonl"], cwd: folder };
    const { code, stdout, stderr } = await runPython(packages, join(folder, "open_sealed.py"), options);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/TinkError/);
  });

  test.each(["visits_duckdb.py", "visits_pandas.py"])(
    "%s counts whom it may, in either scheme",
    async (program) => {
      for (const scheme of schemes) {
        const folder = await sealedIn(scheme);
        expect((await python(folder, program)).trimEnd().split("\n")).toEqual(counted());
      }
    },
  );
});

describe.skipIf(!needServer("Tink for Java", javaCompilerMissing()))("in Java", () => {
  let jars = "";
  beforeAll(async () => {
    jars = await jarsOf("tink-1.24.0", ["com.google.crypto.tink:tink:1.24.0"]);
  });

  test.each(schemes)("each sealed value opens with Tink, scheme %s", async (scheme) => {
    const folder = await sealedIn(scheme);
    const at = (name: string) => join(folder, name);
    const args = [at("keys.jsonl"), at("safe.jsonl")];
    const { code, stdout, stderr } = await runJava(jars, at("OpenSealed.java"), args);
    if (code !== 0) throw new Error(stderr);
    expectOpened(stdout);
  });
});

test("the page has all of its examples, and the SQL names the fields as the contract does", () => {
  expect([...examples.keys()].toSorted()).toEqual([
    "OpenSealed.java",
    "open_sealed.py",
    "visits-to-buckets.strm",
    "visits.sql",
    "visits.strm",
    "visits_duckdb.py",
    "visits_pandas.py",
  ]);
  const paths = [...(examples.get("visits.sql") ?? "").matchAll(/FROM_BASE64\([\w.]+\), '([\w.]+)'/g)];
  expect(paths.map(([, path]) => path)).toEqual(["customer.id", "customer.emails"]);
});
