// The master key: wrapping, rotation, rejected events, and the file it is made in.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compactDecrypt, decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import { masterKeyFile, readMasterKeys, stateMasterKeys } from "../../../runner/privacy/master-key.ts";
import { root } from "../../kit/cli.ts";
import { emptyFolder } from "../../kit/folder.ts";
import { syncs } from "../../kit/syncs.ts";

const jwk = (byte: number, kid?: string) => ({
  kty: "oct",
  k: Buffer.alloc(32, byte).toString("base64url"),
  ...(kid !== undefined && { kid }),
});
const keysOf = (...jwks: object[]) =>
  readMasterKeys(JSON.stringify(jwks.length === 1 ? jwks[0] : { keys: jwks }));
const coded = (code: string) => expect.objectContaining({ name: "StrmFailure", code });
const secret = Uint8Array.from({ length: 32 }, (_, i) => i);

describe("wrapping", () => {
  test("opens again, differs each time, and shows nothing of the secret", () => {
    const keys = keysOf(jwk(1));
    const [a, b] = [keys.wrap(secret), keys.wrap(secret)];
    expect(Buffer.from(a)).not.toEqual(Buffer.from(b));
    expect(Buffer.from(a).includes(Buffer.from(secret).subarray(0, 4))).toBe(false);
    for (const wrapped of [a, b]) expect(Uint8Array.from(keys.unwrap(wrapped))).toEqual(secret);
  });

  test("every changed byte, every cut and every other key is the same failure", () => {
    const keys = keysOf(jwk(1, "one"));
    const wrapped = keys.wrap(secret);
    for (let at = 0; at < wrapped.length; at++) {
      const changed = wrapped.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(() => keys.unwrap(changed)).toThrow(coded("keys.wrong-master-key"));
      expect(() => keys.unwrap(wrapped.subarray(0, at))).toThrow(coded("keys.wrong-master-key"));
    }
    expect(() => keysOf(jwk(2, "two")).unwrap(wrapped)).toThrow(coded("keys.wrong-master-key"));
    // The same name does not make it the same key.
    expect(() => keysOf(jwk(2, "one")).unwrap(wrapped)).toThrow(coded("keys.wrong-master-key"));
  });

  test("a set wraps with its first key and opens with all; a key may get another name", () => {
    const old = keysOf(jwk(1));
    const both = keysOf(jwk(2, "new"), jwk(1, "old"));
    const wrapped = old.wrap(secret);
    expect(Uint8Array.from(both.unwrap(wrapped))).toEqual(secret);
    expect(both.hasOlder).toBe(true);
    expect(old.hasOlder).toBe(false);
    const again = both.rewrap(wrapped);
    expect(both.rewrap(again)).toBe(again);
    expect(Uint8Array.from(keysOf(jwk(2)).unwrap(again))).toEqual(secret);
    expect(() => old.unwrap(again)).toThrow(coded("keys.wrong-master-key"));
  });
});

describe("rejected events", () => {
  test("are compact JWEs that name their key and open with it, also when it has become an old one", async () => {
    const jwe = await keysOf(jwk(1, "one")).sealEvent(Buffer.from('{"email":"anna"}'));
    expect(decodeProtectedHeader(jwe)).toEqual({ alg: "dir", enc: "A256GCM", kid: "one" });
    const opened = await keysOf(jwk(2, "two"), jwk(1, "one")).openEvent(jwe);
    expect(Buffer.from(opened).toString()).toBe('{"email":"anna"}');
  });

  test("do not open with another key, changed, with a key of the same name, or with the master key itself", async () => {
    const jwe = await keysOf(jwk(1, "one")).sealEvent(Buffer.from("x"));
    const wrong = { code: "keys.wrong-master-key" };
    await expect(keysOf(jwk(3, "three")).openEvent(jwe)).rejects.toMatchObject(wrong);
    await expect(keysOf(jwk(3, "one")).openEvent(jwe)).rejects.toMatchObject(wrong);
    const [header, none, iv, text, tag] = jwe.split(".");
    const changed = [header, none, iv, text === "AA" ? "AQ" : "AA", tag].join(".");
    await expect(keysOf(jwk(1, "one")).openEvent(changed)).rejects.toMatchObject(wrong);
    await expect(keysOf(jwk(1, "one")).openEvent("not a JWE")).rejects.toMatchObject(wrong);
    await expect(compactDecrypt(jwe, new Uint8Array(32).fill(1))).rejects.toThrow();
  });
});

describe("reading", () => {
  const k = Buffer.alloc(32, 5).toString("base64url");
  test.each([
    ["no JSON", "s3cret-master-key"],
    ["nothing", ""],
    ["no object", "[]"],
    ["null", "null"],
    ["an empty set", '{"keys":[]}'],
    ["another kind of key", '{"kty":"RSA","k":"AA"}'],
    ["a short key", '{"kty":"oct","k":"AAAA"}'],
    ["padding", `{"kty":"oct","k":"${k}="}`],
    ["the other alphabet", `{"kty":"oct","k":"${"+".repeat(43)}"}`],
    ["a name that is no text", `{"kty":"oct","k":"${k}","kid":7}`],
    [
      "two keys of one name",
      `{"keys":[{"kty":"oct","k":"${k}","kid":"a"},{"kty":"oct","k":"${k}","kid":"a"}]}`,
    ],
  ])("refuses %s, and shows none of it", (_, text) => {
    const attempt = () => readMasterKeys(text, "in the test");
    expect(attempt).toThrow(coded("keys.bad-master-key"));
    expect(attempt).toThrow(expect.objectContaining({ message: expect.stringContaining("in the test") }));
    expect(attempt).not.toThrow(/s3cret|AAAA|BQUF/);
  });
});

describe("the state folder's key", () => {
  test("is made once, whole, and for its owner alone", async () => {
    const folder = emptyFolder();
    const many = await Promise.all(Array.from({ length: 5 }, () => stateMasterKeys(folder)));
    expect(many.filter(({ made }) => made).length).toBe(1);
    expect(readdirSync(folder)).toEqual([masterKeyFile]);
    expect(statSync(join(folder, masterKeyFile)).mode & 0o777).toBe(0o600);
    const wrapped = many[0]!.keys.wrap(secret);
    for (const { keys } of many) expect(Uint8Array.from(keys.unwrap(wrapped))).toEqual(secret);
    expect((await stateMasterKeys(folder)).made).toBe(false);
  });

  test("is the same for processes that race for it", async () => {
    const folder = emptyFolder();
    const script = `import { stateMasterKeys } from "${root}/runner/privacy/master-key.ts";
      const { keys, made } = await stateMasterKeys(process.argv[1]);
      console.log(made, Buffer.from(keys.wrap(new Uint8Array(1))).toString("hex").slice(2, 18));`;
    const outputs = await Promise.all(
      [0, 1, 2].map(() => output(["--input-type=module-typescript", "-e", script, folder])),
    );
    const [made, marks] = [0, 1].map((column) => outputs.map((text) => text.trim().split(" ")[column]));
    expect(made!.toSorted()).toEqual(["false", "false", "true"]);
    expect(new Set(marks).size).toBe(1);
  });

  test("has a durable name also where whoever made it was killed before it had one", async () => {
    const folder = emptyFolder();
    await stateMasterKeys(folder);
    const spy = await syncs();
    expect((await stateMasterKeys(folder)).made).toBe(false);
    expect(spy).toHaveBeenCalledTimes(1);
    spy.mockRestore();
  });

  test("is never replaced: a damaged or unreadable file is said to be so", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, masterKeyFile), "{");
    await expect(stateMasterKeys(folder)).rejects.toMatchObject({
      code: "keys.bad-master-key",
      message: expect.stringContaining(join(folder, masterKeyFile)),
    });
    expect(readFileSync(join(folder, masterKeyFile), "utf8")).toBe("{");
    const other = emptyFolder();
    mkdirSync(join(other, masterKeyFile));
    await expect(stateMasterKeys(other)).rejects.toMatchObject({ code: "keys.denied" });
  });

  test.skipIf(process.getuid?.() === 0)("needs a folder that can be written", async () => {
    const folder = emptyFolder();
    chmodSync(folder, 0o500);
    await expect(stateMasterKeys(folder)).rejects.toMatchObject({ code: "keys.denied" });
  });
});

function output(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on("error", reject).on("close", () => resolve(text));
  });
}
