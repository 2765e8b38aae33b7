// Who follows a run over the network, with real servers that keep silent, break off, lie, come back, or are something else altogether.

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { followRun } from "../../../cli/attach/follow-run.ts";
import { targetAt } from "../../../cli/attach/target.ts";
import { CommandFailure } from "../../../cli/exit.ts";
import { RunServer } from "../../../cli/serve/run-server.ts";
import type { Finished, RunEvent } from "../../../runner/index.ts";
import { lineGraph } from "../../kit/line-parts.ts";
import { freePorts } from "../../kit/ports.ts";
import { at, ledgerOf, progress, started } from "../../kit/run-events.ts";
import { line, NotingOnlooker, run, serve, snapshotOf } from "../../kit/served-run.ts";

const graph = lineGraph([{ from: "safe", path: "safe.jsonl" }]);
const other = { ...lineGraph([{ from: "few", path: "few.jsonl" }]), hash: "another-hash" };
const begun = started({ graph_hash: graph.hash });
const finished: Finished = {
  type: "finished",
  time: at(9),
  outcome: "completed",
  ledger: ledgerOf(9),
  summary: {
    read: 9,
    read_bytes: 90,
    replayed: 0,
    withheld: 0,
    rejected: 0,
    events_per_second: 1,
    bytes_per_second: 10,
    sinks: [],
    keys: [],
  },
  quarantine: null,
};
const limits = { answerMs: 10_000, silenceMs: 10_000, lineBytes: 20_000, graphBytes: 20_000 };
/** For servers that do nothing. */
const hasty = { ...limits, answerMs: 300, silenceMs: 300 };
const pace = { firstWaitMs: 5, longestWaitMs: 20 };

interface Followed {
  readonly onlooker: NotingOnlooker;
  readonly end: Promise<Finished | undefined>;
  readonly leave: () => void;
}

function follow(url: string, token?: string, within = limits): Followed {
  const onlooker = new NotingOnlooker();
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const end = followRun(targetAt(url, token), onlooker, { leave: leaving.signal, limits: within, pace });
  // Looked at later.
  end.catch(() => {});
  return { onlooker, end, leave: () => leaving.abort() };
}

async function failureOf({ end }: Followed): Promise<string> {
  const failure: unknown = await end.catch((error: unknown) => error);
  if (!(failure instanceof CommandFailure)) throw new Error(`no failure of the command: ${String(failure)}`);
  expect(failure.help).toMatch(/\.$/);
  return `${failure.code}: ${failure.message}`;
}

const losses = ({ noted }: NotingOnlooker): readonly string[] =>
  noted.flatMap((one) => ("lost" in one ? [one.lost] : []));

describe("a run", () => {
  async function realRun(port: number, token: string | undefined, ...events: readonly RunEvent[]) {
    const server = await RunServer.open({
      door: { address: "127.0.0.1", port, token },
      graph,
      checkpointEveryMs: 5_000,
    });
    for (const event of events) server.report(event);
    return server;
  }

  test("is told from its beginning to its end", async () => {
    const token = "a-token-that-nobody-guesses";
    const server = await realRun(0, token, begun, progress(ledgerOf(5)));
    const { onlooker, end } = follow(server.url, token);
    await onlooker.until((noted) => noted.length === 1);
    server.report(progress(ledgerOf(9)));
    server.report(finished);
    expect(await end).toEqual(finished);
    await server.close();
    expect(onlooker.noted).toEqual([
      { begun: ["started", "progress"], graph: graph.hash, runId: begun.run_id },
      { event: "progress" },
      { event: "finished" },
    ]);
  });

  test("that has a token is shown to nobody else, and the token is shown to nobody", async () => {
    const server = await realRun(0, "a-token-that-nobody-guesses", begun);
    expect(await failureOf(follow(server.url))).toMatch(
      /^top\.unauthorized: 127\.0\.0\.1:\d+ asks for a token/,
    );
    const wrong = await failureOf(follow(server.url, "another-token-of-some-length"));
    expect(wrong).toMatch(/^top\.unauthorized: 127\.0\.0\.1:\d+ does not take the token/);
    expect(wrong).not.toContain("another-token");
    await server.close();
  });

  test("that breaks off is lost, tried again, and begun anew when it is back", async () => {
    const [port = 0] = await freePorts(1);
    const before = await realRun(port, undefined, begun);
    const { onlooker, end, leave } = follow(before.url);
    await onlooker.until((noted) => noted.length === 1);
    await before.close();
    await onlooker.until(() => losses(onlooker).length >= 3);
    expect(losses(onlooker)[0]).toBe("has ended the connection");
    expect(losses(onlooker)[2]).toBe("refuses the connection");
    const after = await realRun(port, undefined, { ...begun, run_id: "20260102T030500Z-fedcba" });
    await onlooker.until((noted) => noted.some((one) => "begun" in one && one.runId?.endsWith("fedcba")));
    leave();
    expect(await end).toBeUndefined();
    await after.close();
  });
});

describe("a run that comes back", () => {
  test("has its new graph fetched, and the old one is not fetched twice", async () => {
    const asked: (string | undefined)[] = [];
    let connections = 0;
    const { url } = await serve((request, response) => {
      asked.push(request.url);
      const now = connections < 2 ? graph : other;
      run(now, (stream) => {
        connections++;
        const hash = connections <= 2 ? graph.hash : other.hash;
        stream.end(snapshotOf(started({ graph_hash: hash }), ...(connections === 4 ? [finished] : [])));
      })(request, response);
    });
    const { onlooker, end } = follow(url);
    expect(await end).toEqual(finished);
    expect(asked).toEqual(["/events", "/graph", "/events", "/events", "/graph", "/events"]);
    expect(onlooker.noted.flatMap((one) => ("begun" in one ? [one.graph] : []))).toEqual([
      graph.hash,
      graph.hash,
      other.hash,
      other.hash,
    ]);
  });

  test("while the graph is already another one's is asked once more", async () => {
    let connections = 0;
    const { url } = await serve(
      run(graph, (stream) => {
        connections++;
        if (connections === 1) stream.end(snapshotOf(begun));
        else if (connections === 2) stream.end(snapshotOf(started({ graph_hash: "yet-another" })));
        else stream.end(snapshotOf(begun, finished));
      }),
    );
    const { onlooker, end } = follow(url);
    expect(await end).toEqual(finished);
    expect(losses(onlooker)).toEqual(["has ended the connection", "shows the graph of another run"]);
  });

  test("is waited for ever longer, up to a bound, and while a proxy answers in its stead", async () => {
    const times: number[] = [];
    const statuses = [200, 502, 503, 404, 302, 500, 500, 500];
    const { url } = await serve((request, response) => {
      if (request.url === "/events") times.push(performance.now());
      const status = statuses[times.length - 1] ?? 200;
      if (status !== 200) response.writeHead(status, { location: "http://elsewhere.example/" }).end("<html>");
      else
        run(graph, (stream) => stream.end(snapshotOf(begun, ...(times.length > 1 ? [finished] : []))))(
          request,
          response,
        );
    });
    const { onlooker, end } = follow(url);
    expect(await end).toEqual(finished);
    expect(losses(onlooker)).toEqual([
      "has ended the connection",
      "answers 502",
      "answers 503",
      "answers 404",
      "sends the request elsewhere (302)",
      "answers 500",
      "answers 500",
      "answers 500",
    ]);
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(5 + 10 + 20 * 5);
  });
});

describe("whoever", () => {
  test("keeps silent is noticed by the empty lines that do not come", async () => {
    let connections = 0;
    const { url } = await serve(
      run(graph, (stream) => {
        connections++;
        if (connections === 1) stream.write(snapshotOf(begun));
        else stream.end(snapshotOf(begun, finished));
      }),
    );
    const { onlooker, end } = follow(url, undefined, hasty);
    expect(await end).toEqual(finished);
    expect(losses(onlooker)).toEqual(["is silent"]);
  });

  test("sends empty lines is there", async () => {
    const { url } = await serve(
      run(graph, (stream) => {
        stream.write(snapshotOf(begun));
        const signs = setInterval(() => stream.write("\n"), 50);
        setTimeout(() => {
          clearInterval(signs);
          stream.end(line(finished));
        }, 1_500);
      }),
    );
    const { onlooker, end } = follow(url, undefined, { ...limits, silenceMs: 1_000 });
    expect(await end).toEqual(finished);
    expect(losses(onlooker)).toEqual([]);
  });

  test("cuts a line off has not said it", async () => {
    let connections = 0;
    const { url } = await serve(
      run(graph, (stream) => {
        connections++;
        if (connections > 1) stream.end(snapshotOf(begun, finished));
        else
          stream.write(`${snapshotOf(begun)}${line(progress(ledgerOf(1))).slice(0, 40)}`, () =>
            stream.destroy(),
          );
      }),
    );
    const { onlooker, end } = follow(url);
    expect(await end).toEqual(finished);
    expect(losses(onlooker)).toEqual(["has broken the connection off"]);
    expect(onlooker.noted.some((one) => "event" in one)).toBe(false);
  });

  test("tells of kinds that are new is followed without them", async () => {
    const { url } = await serve(
      run(graph, (stream) => {
        stream.write(snapshotOf({ type: "planned", time: "soon" }, { ...begun, mood: "good" }));
        stream.end(`${line({ type: "moved", to: { x: 1 } })}${line(finished)}`);
      }),
    );
    const { onlooker, end } = follow(url);
    expect(await end).toEqual(finished);
    expect(onlooker.noted).toEqual([
      { begun: ["started"], graph: graph.hash, runId: begun.run_id },
      { event: "finished" },
    ]);
  });

  test("leaves while nothing comes is gone at once", async () => {
    const { url } = await serve(() => {});
    const { end, leave } = follow(url);
    await sleep(20);
    leave();
    expect(await end).toBeUndefined();
  });
});

const text = { "content-type": "text/plain" };
const ndjson = { "content-type": "application/x-ndjson" };

describe("at the first try, a clear end is made of", () => {
  test.each<[string, RegExp, Parameters<typeof serve>[0]]>([
    ["another site", /^top\.not-a-run: .* answers 404/, (_, answer) => answer.writeHead(404, text).end("no")],
    [
      "a page",
      /^top\.not-a-run: .* does not answer with application/,
      (_, answer) => answer.writeHead(200, text).end("hi"),
    ],
    [
      "a redirect",
      /^top\.not-a-run: .* sends the request elsewhere \(301\)/,
      (_, answer) => answer.writeHead(301, { location: "/x" }).end(),
    ],
    [
      "a proxy without its server",
      /^top\.unreachable: .* answers 502/,
      (_, answer) => answer.writeHead(502, text).end(),
    ],
    [
      "too many readers",
      /^top\.unreachable: .* answers 503/,
      (_, answer) => answer.writeHead(503, text).end(),
    ],
    [
      "a host that is asked by another name",
      /^top\.unauthorized: .* answers 403/,
      (_, answer) => answer.writeHead(403, text).end(),
    ],
    ["garbage", /^top\.not-a-run: .* no JSON/, (_, answer) => answer.writeHead(200, ndjson).end("{]\n")],
    [
      "other lines of JSON",
      /^top\.not-a-run: .* does not begin with a snapshot/,
      (_, answer) => answer.writeHead(200, ndjson).end('{"level":"info"}\n'),
    ],
    [
      "an endless line",
      /^top\.not-a-run: .* too long for a run event/,
      (_, answer) => void answer.writeHead(200, ndjson).write(`{"type":"snapshot${"x".repeat(21_000)}`),
    ],
    [
      "a line that never ends",
      /^top\.unreachable: .* is silent/,
      (_, answer) => {
        answer.writeHead(200, ndjson);
        const drip = setInterval(() => answer.write("["), 20);
        answer.on("close", () => clearInterval(drip));
      },
    ],
    ["an answer that never begins", /^top\.unreachable: .* does not answer/, () => {}],
    [
      "an empty stream",
      /^top\.unreachable: .* has ended the connection/,
      (_, answer) => answer.writeHead(200, ndjson).end(),
    ],
    [
      "events in another form",
      /^top\.not-understood: .* started\.steps is not a list/,
      run(graph, (stream) => stream.write(snapshotOf({ ...begun, steps: 7 }))),
    ],
    [
      "a graph in another form",
      /^top\.not-understood: .* version is not 1/,
      run({ ...graph, version: 2 }, (stream) => stream.write(snapshotOf(begun))),
    ],
    [
      "a graph without end",
      /^top\.not-a-run: .* too large to be shown/,
      run({ ...graph, name: "x".repeat(21_000) }, (stream) => stream.write(snapshotOf(begun))),
    ],
  ])("%s", async (_, message, answer) => {
    const { url } = await serve(answer);
    const idle = /silent|does not answer/.test(message.source);
    expect(await failureOf(follow(url, undefined, idle ? hasty : limits))).toMatch(message);
  });

  test("a port that nobody has, a host that is none, a server that speaks something else, and TLS where there is none", async () => {
    const [port = 0] = await freePorts(1);
    expect(await failureOf(follow(`http://127.0.0.1:${port}`))).toMatch(
      /^top\.unreachable: .* refuses the connection/,
    );
    expect(await failureOf(follow("http://nowhere.invalid:1"))).toMatch(
      /^top\.unreachable: nowhere\.invalid:1 can't be found/,
    );
    const rude = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9.6\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await once(rude, "listening");
    onTestFinished(() => void rude.close());
    const address = rude.address();
    const at = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    expect(await failureOf(follow(`http://${at}`))).toMatch(/^top\.not-a-run: .* no HTTP/);
    expect(await failureOf(follow(`https://${at}`))).toMatch(/^top\.unreachable: /);
  });
});

test("what is not understood later on is an end too, and so is a token that is not taken any more", async () => {
  const garbled = await serve(
    run(graph, (stream) => stream.write(`${snapshotOf(begun)}${line({ ...finished, ledger: [] })}`)),
  );
  expect(await failureOf(follow(garbled.url))).toMatch(
    /^top\.not-understood: .* finished\.ledger is not an object/,
  );
  let connections = 0;
  const { url } = await serve((request, response) => {
    if (request.url === "/events") connections++;
    if (connections > 1) response.writeHead(401).end();
    else run(graph, (stream) => stream.end(snapshotOf(begun)))(request, response);
  });
  expect(await failureOf(follow(url))).toMatch(/^top\.unauthorized: /);
});
