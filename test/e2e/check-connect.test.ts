// `strm check --connect`: everything that a run would lack is told at once, in words and as JSON, and nothing is left behind.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { strm } from "../kit/cli.ts";
import { emptyFolder, filesBelow, writeFiles } from "../kit/folder.ts";
import { newS3Bucket } from "../kit/s3-server.ts";
import { hasSharedS3, sharedS3 } from "../kit/shared-buckets.ts";

const contract = `
contract visit as "acme/visit/1.0.0" {
  session: string  @key @pii(0)
  consents: int[]  @consent
}
`;
const fine = `${contract}
source visits of visit from file { path = "in.jsonl" }
encrypt visits into safe
sink safe into file { path = "out/safe.jsonl" }
sink safe into stdout
`;
const broken = `${contract}
keys vault in postgres { url = env("KEYS_URL") }
source visits of visit from file { path = "missing.jsonl" }
source clicks of visit from kafka { brokers = "127.0.0.1:1", topic = "clicks" }
encrypt visits into safe
encrypt clicks into other
sink safe into file { path = "in.jsonl/safe.jsonl" }
sink other into stdout
`;

function folderWith(program: string): string {
  const folder = emptyFolder();
  writeFiles(folder, { "p.strm": program, "in.jsonl": '{"session":"s","consents":[]}\n' });
  return folder;
}

describe("strm check --connect", () => {
  test("tries what there is to try, and makes nothing", async () => {
    const folder = folderWith(fine);
    const before = filesBelow(folder);
    const { code, stdout, stderr } = await strm(["check", "--connect", join(folder, "p.strm")]);
    expect(stderr).toContain("p.strm: all that could be tried is there");
    expect(stderr).toMatch(/ok +visits +file +1 file can be read\n/);
    expect(stderr).toMatch(/ok +safe->file +file +its folder can be made\n/);
    expect(stderr).toMatch(/- +safe->stdout +stdout +nothing to try\n/);
    expect(stderr).toMatch(/ok +default +sqlite +a run will make its file\n/);
    expect([code, stdout]).toEqual([0, ""]);
    expect(filesBelow(folder)).toEqual(before);
  });

  test("tells all that is missing at once", async () => {
    const folder = folderWith(broken);
    const before = filesBelow(folder);
    const { code, stderr } = await strm(["check", "--connect", join(folder, "p.strm")]);
    expect(code).toBe(2);
    expect(stderr).toContain("4 steps failed");
    for (const found of ["file.not-found", "kafka.unreachable", "file.not-a-file", "value.unresolved"]) {
      expect(stderr).toContain(`error[${found}]: `);
    }
    expect(stderr.match(/\n {2}help: \S/g)).toHaveLength(4);
    expect(filesBelow(folder)).toEqual(before);
  });

  test("has it as JSON, beside the findings", async () => {
    const folder = folderWith(broken);
    const file = join(folder, "p.strm");
    const { code, stdout } = await strm(["check", "--connect", "--json", file]);
    expect(code).toBe(2);
    const { diagnostics, programs } = JSON.parse(stdout);
    expect(diagnostics).toEqual([]);
    expect(programs).toMatchObject([{ file, connections: Array(5).fill({ step: expect.any(String) }) }]);
    expect(programs[0].connections[0]).toEqual({
      step: "visits",
      kind: "source",
      connector: "file",
      outcome: "failed",
      code: "file.not-found",
      message: "Source `visits` finds no file at `missing.jsonl`.",
      help: expect.stringContaining(folder),
    });
    expect(JSON.parse((await strm(["check", "--json", file])).stdout)).toEqual({ diagnostics: [] });
  });

  test("tries no program that has an error", async () => {
    const folder = folderWith(fine.replace("into stdout", "into nowhere"));
    const { code, stderr } = await strm(["check", "--connect", join(folder, "p.strm")]);
    expect(code).toBe(4);
    expect(stderr).not.toContain("tried");
    expect(stderr).not.toContain("can be read");
  });

  test.skipIf(!hasSharedS3())("tries buckets", async () => {
    const { endpoint, region, app } = await sharedS3();
    const bucket = await newS3Bucket(await sharedS3());
    const s3 = (name: string) =>
      `s3 { bucket = "${name}", prefix = "in", endpoint = "${endpoint}", region = "${region}", credentials = env("S3") }`;
    const folder = folderWith(`${contract}
source visits of visit from ${s3(bucket)}
encrypt visits into safe
sink safe into ${s3(bucket).replace('"in"', '"out"')}
sink safe.keys into ${s3(`${bucket}-none`)}
`);
    const env = {
      S3: JSON.stringify({ access_key_id: app.accessKeyId, secret_access_key: app.secretAccessKey }),
    };
    const { code, stderr } = await strm(["check", "--connect", join(folder, "p.strm")], { env });
    expect(stderr).toMatch(/ok +visits +s3 +objects can be listed and read in s3:\/\//);
    expect(stderr).toMatch(/ok +safe->s3 +s3 +objects can be written to s3:\/\/.*\/out\/\n/);
    expect(stderr).toMatch(/FAILED +safe\.keys->s3 +s3 +bucket\./);
    expect(stderr).not.toContain(app.secretAccessKey);
    expect(code).toBe(2);
    const after = await strm(["check", "--connect", join(folder, "p.strm")], { env });
    expect(after.stderr).toBe(stderr);
  });
});
