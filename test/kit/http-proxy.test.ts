// The kit's own promises: a proxy makes go wrong what it is told to, at the request it is told, and nothing else.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HttpProxy } from "./http-proxy.ts";
import { s3Answer } from "./store-answers.ts";

/** Tells what it was asked, in full, and answers with what it got; `cut` are requests that broke off. */
class Echo {
  readonly whole: string[] = [];
  readonly cut: string[] = [];
  readonly #ended = Promise.withResolvers<void>();
  readonly #server: Server = createServer(async (request, response) => {
    const name = `${request.method} ${request.url}`;
    try {
      const body = await buffer(request);
      this.whole.push(name);
      response.setHeader("X-Host", request.headers.host ?? "").end(body);
    } catch {
      this.cut.push(name);
      this.#ended.resolve();
    }
  });

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  /** Resolves when a request has broken off. */
  get sawCut(): Promise<void> {
    return this.#ended.promise;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("a proxy of HTTP", () => {
  let echo: Echo;
  let proxy: HttpProxy;
  beforeEach(async () => {
    echo = new Echo();
    proxy = await HttpProxy.to(await echo.listen());
  });
  afterEach(async () => {
    await proxy.close();
    echo.close();
  });

  const put = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer> = "hello",
    signal?: AbortSignal,
  ) => {
    const answer = await fetch(`${proxy.endpoint}${path}`, {
      method: "PUT",
      body,
      ...(signal && { signal }),
    });
    return { status: answer.status, host: answer.headers.get("x-host"), body: await answer.bytes() };
  };

  test("passes on what comes, both ways, with the host that was asked for", async () => {
    const large = crypto.getRandomValues(new Uint8Array(60_000));
    const body = new Uint8Array(3_000_000).map((_, i) => large[i % large.length] ?? 0);
    const answer = await put("/b/k?x=1&y=%20", body);
    expect(answer).toMatchObject({ status: 200, host: new URL(proxy.endpoint).host });
    expect(Buffer.compare(answer.body, body)).toBe(0);
    expect(await fetch(proxy.endpoint, { method: "HEAD" })).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual(["PUT /b/k?x=1&y=%20", "HEAD /"]);
    expect(proxy.passed).toBe(2);
  });

  test("hits the request that is told by method, part of its path and number, and so many after it", async () => {
    const how = { answer: s3Answer("SlowDown") } as const;
    const fault = proxy.fault({ how, method: "PUT", path: "/b/", nth: 2, times: 2 });
    const statuses = [];
    for (const path of ["/b/1", "/a/1", "/b/2", "/a/2", "/b/3", "/b/4"])
      statuses.push((await put(path)).status);
    expect(statuses).toEqual([200, 200, 503, 200, 503, 200]);
    expect(echo.whole).not.toContain("PUT /b/2");
    expect(await fetch(`${proxy.endpoint}/b/5`)).toMatchObject({ status: 200 });
    expect(fault.count).toBe(2);
    expect(proxy.passed).toBe(5);
  });

  test("loses an answer after the server has done what it was asked", async () => {
    const fault = proxy.fault({ how: "lose reply" });
    await expect(put("/b/k")).rejects.toThrow("fetch failed");
    await fault.met;
    expect(echo.whole).toEqual(["PUT /b/k"]);
    expect(await put("/b/k")).toMatchObject({ status: 200 });
  });

  test("breaks a connection before the server has heard anything", async () => {
    proxy.fault({ how: "reset" });
    await expect(put("/b/k")).rejects.toThrow("fetch failed");
    expect([...echo.whole, ...echo.cut]).toEqual([]);
  });

  test("cuts an upload where it is told to, so that the server sees a part of it", async () => {
    const fault = proxy.fault({ how: { cutAfterBytes: 100_000 } });
    await expect(put("/b/k", new Uint8Array(1_000_000))).rejects.toThrow("fetch failed");
    await Promise.all([fault.met, echo.sawCut]);
    expect([echo.whole, echo.cut]).toEqual([[], ["PUT /b/k"]]);
  });

  test("swallows a request and never answers it", async () => {
    const fault = proxy.fault({ how: "black hole", times: Number.POSITIVE_INFINITY });
    const leaving = new AbortController();
    const asked = put("/b/k", "hello", leaving.signal);
    await fault.met;
    expect(await Promise.race([asked, sleep(100, "nothing")])).toBe("nothing");
    leaving.abort();
    await expect(asked).rejects.toThrow();
    expect([...echo.whole, ...echo.cut]).toEqual([]);
    fault.lift();
    expect(await put("/b/k")).toMatchObject({ status: 200 });
  });

  test("lets a slow link take the time that its speed asks for, there and back", async () => {
    proxy.fault({ how: { bytesPerSecond: 100_000 } });
    const startMs = performance.now();
    const answer = await put("/b/k", new Uint8Array(20_000));
    expect(answer.body.length).toBe(20_000);
    // Never faster; how much slower is the machine's business.
    expect(performance.now() - startMs).toBeGreaterThan(390);
  });

  test("refuses connections until it accepts them again, at the same port", async () => {
    const { endpoint } = proxy;
    await proxy.refuse();
    const refused = connect(Number(new URL(endpoint).port), "127.0.0.1");
    await expect(once(refused, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await proxy.accept();
    expect(proxy.endpoint).toBe(endpoint);
    expect(await put("/b/k")).toMatchObject({ status: 200 });
  });

  test("breaks a client's connection where the server is gone", async () => {
    echo.close();
    await expect(put("/b/k")).rejects.toThrow("fetch failed");
  });
});
