// Who may watch a run from where: places are read strictly, and what other machines reach takes a token.
import { describe, expect, test } from "vitest";
import { doorAt, isLoopback, listenPlace } from "../../../cli/serve/place.ts";

const token = "0123456789abcdef";

describe("a place", () => {
  test.each([
    ["127.0.0.1:9464", "127.0.0.1", 9464],
    ["localhost:0", "localhost", 0],
    ["0.0.0.0:65535", "0.0.0.0", 65_535],
    ["[::1]:80", "::1", 80],
    ["[::]:80", "::", 80],
  ])("%s is one", (text, host, port) => expect(listenPlace(text)).toEqual({ host, port }));

  test.each([
    "9464",
    ":9464",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "::1:80",
    "[127.0.0.1]:80",
    "a b:1",
    "a/b:1",
    "u@h:1",
    "h:-1",
  ])("%s is none", (text) => expect(listenPlace(text)).toBeUndefined());
});

describe("a door", () => {
  test.each(["127.0.0.1", "127.9.9.9", "::1", "localhost"])("on %s needs no token", async (host) => {
    const door = await doorAt({ host, port: 1 }, undefined);
    expect(isLoopback(door.address)).toBe(true);
    expect(door.token).toBeUndefined();
  });

  test.each(["0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1"])("on %s needs one", async (host) => {
    await expect(doorAt({ host, port: 1 }, undefined)).rejects.toThrow(
      /open to other machines, and STRM_LISTEN_TOKEN/,
    );
    expect((await doorAt({ host, port: 1 }, token)).token).toBe(token);
  });

  test("keeps to a token that is set, on this machine too", async () => {
    expect((await doorAt({ host: "127.0.0.1", port: 1 }, token)).token).toBe(token);
  });

  test.each(["tiny", "with a blank in it", `${token}\n`, "ünïcödé-is-no-header"])(
    "refuses the token %j, and does not show it",
    async (bad) => {
      const failure: unknown = await doorAt({ host: "127.0.0.1", port: 1 }, bad).catch(
        (error: unknown) => error,
      );
      expect(String(failure)).toMatch(/STRM_LISTEN_TOKEN (is too short|holds characters)/);
      expect(String(failure)).not.toContain(bad.trim());
    },
  );
});
