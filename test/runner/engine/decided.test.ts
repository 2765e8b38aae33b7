// Checkpoints that a server's transaction decides: whatever becomes of a transaction, nothing is lost or doubled anywhere.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConnectorSpec } from "../../../dsl/spec/connector-spec.ts";
import { type Connector, sharingConnector } from "../../../runner/connectors/connector.ts";
import type { Session, Sink } from "../../../runner/connectors/delivery.ts";
import { connectors } from "../../../runner/connectors/index.ts";
import type { Finished, RunEvent } from "../../../runner/engine/events.ts";
import { runWith } from "../../../runner/engine/run.ts";
import type { RunOptions } from "../../../runner/engine/run-options.ts";
import { Rewind } from "../../../runner/failure.ts";
import { emptyFolder, linesOf, writeFiles } from "../../kit/folder.ts";
import { lineGraph, lineParts } from "../../kit/line-parts.ts";

/** What becomes of a decision: it holds; it does not; it does, and nobody is told; the process dies before it, or right after it. */
type Fate = "holds" | "undone" | "untold" | "dies" | "dies late";

/** A server with one transaction at a time. What is in `lines` is visible for good. */
class Server {
  readonly lines: string[] = [];
  decided: { readonly begun: string; readonly checkpoint: number } | undefined;
  sessions = 0;
  #open: string[] = [];
  #behind: string[] | undefined;

  begin(): void {
    this.#open = [];
    this.#behind = undefined;
  }

  write(line: string): void {
    (this.#behind ?? this.#open).push(line);
  }

  cut(): void {
    this.#behind ??= [];
  }

  commit(begun: string, checkpoint: number): void {
    this.lines.push(...this.#open);
    this.decided = { begun, checkpoint };
    this.#open = this.#behind ?? [];
    this.#behind = undefined;
  }
}

const spec = {
  name: "server",
  summary: "A server for tests.",
  sink: {
    options: {},
    formats: { events: ["json"], rejected: ["json"], keys: ["json"] },
    recovery: [{ kind: "exact", why: "a test says so" }],
    tuning: [],
    shared: true,
    place: [],
    credentials: [],
    example: "sink safe into server",
  },
} as const satisfies ConnectorSpec;

class Death extends Error {}

function serverConnector(server: Server, fate: () => Fate): Connector {
  const session: Session = {
    checkpointEveryMs: 1,
    decider: {
      last: async (begun) => {
        server.begin();
        return server.decided?.begun === begun ? server.decided.checkpoint : 0;
      },
      decide: async ({ checkpoint }, begun) => {
        await sleep(0);
        const how = fate();
        if (how === "dies") throw new Death();
        if (how !== "undone") server.commit(begun, checkpoint);
        if (how === "dies late") throw new Death();
        if (how !== "holds") throw new Rewind("run.state-folder", "The transaction is gone.", "It goes on.");
      },
    },
    close: () => Promise.resolve(),
  };
  return sharingConnector({
    spec,
    openSession: async () => async () => {
      server.sessions++;
      return session;
    },
    openSource: async () => () => Promise.reject(new Error("there is no source")),
    openSink: async () => async (_, context) => {
      let [open, prepared] = [0, Number(context.resume ?? 0)];
      const sink: Sink = {
        write: async (bytes, events) => {
          for (const line of Buffer.from(bytes).toString().split("\n").slice(0, -1)) server.write(line);
          open += events;
        },
        prepare: async () => {
          server.cut();
          prepared += open;
          open = 0;
          return prepared;
        },
        commit: async () => {
          const events = prepared;
          prepared = 0;
          return { events, written: [] };
        },
        close: async () => {},
      };
      return sink;
    },
  });
}

const graph = lineGraph(
  [
    { from: "safe", connector: "server" },
    { from: "safe", path: "safe.jsonl" },
    { from: "few", path: "few.jsonl" },
  ],
  "in-*.jsonl",
);

interface Setting {
  readonly folder: string;
  readonly server: Server;
  readonly fate: () => Fate;
}

async function run({ folder, server, fate }: Setting, more: Partial<RunOptions> = {}) {
  const events: RunEvent[] = [];
  const finished: Finished = await runWith(lineParts(), [...connectors, serverConnector(server, fate)], {
    graph,
    baseDir: folder,
    stateDir: join(folder, ".strm"),
    environment: {},
    report: (event) => events.push(event),
    stop: new AbortController().signal,
    workers: 1,
    retry: { firstWaitMs: 1, maxWaitMs: 2, boundMs: 60_000 },
    ...more,
  });
  return { events, finished };
}

const lines = Array.from({ length: 12 }, (_, i) => `a${i}`);

function newFolder(): string {
  const folder = emptyFolder();
  writeFiles(
    folder,
    Object.fromEntries(lines.map((line, i) => [`in-${String(i).padStart(2, "0")}.jsonl`, `${line}\n`])),
  );
  return folder;
}

function expectAll(folder: string, server: Server): void {
  expect(server.lines).toEqual(lines);
  expect(linesOf(folder, "safe.jsonl")).toEqual(lines);
  expect(linesOf(folder, "few.jsonl")).toEqual(lines);
}

describe("a checkpoint that a server decides", () => {
  test("goes back within the run where the transaction is undone, and tells it", async () => {
    const [folder, server] = [newFolder(), new Server()];
    const fates: Fate[] = ["undone", "holds", "undone", "undone"];
    const { events, finished } = await run({ folder, server, fate: () => fates.shift() ?? "holds" });
    expect(finished).toMatchObject({ outcome: "completed", ledger: { balanced: true } });
    expectAll(folder, server);
    expect(events.filter(({ type }) => type === "started")).toHaveLength(1);
    expect(events.filter((event) => event.type === "retry" && event.where === "run")).toHaveLength(3);
    expect(events.some((event) => event.type === "recovered" && event.where === "run")).toBe(true);
    expect(server.sessions).toBe(4);
  });

  test.each<Fate>(["undone", "untold", "dies"])("whoever waits for it is told where it %s", async (fate) => {
    // A line over the bound waits for a checkpoint before its first piece.
    const [folder, server] = [emptyFolder(), new Server()];
    const long = "x".repeat(2000);
    writeFiles(folder, { "in-0.jsonl": `a1\n${long}\na2\n` });
    const fates: Fate[] = [fate, fate];
    for (let outcome = ""; outcome !== "completed"; ) {
      const bounded = {
        ...graph,
        steps: graph.steps.map((step) =>
          step.kind === "source" ? { ...step, options: { ...step.options, max_event: 1024 } } : step,
        ),
      };
      const { finished } = await run(
        { folder, server, fate: () => fates.shift() ?? "holds" },
        { graph: bounded },
      );
      outcome = finished.outcome;
    }
    expect(fates).toEqual([]);
    expect(server.lines).toEqual(["a1", "a2"]);
  });

  test("ends the run where it never holds", async () => {
    const [folder, server] = [newFolder(), new Server()];
    const retry = { firstWaitMs: 1, maxWaitMs: 2, boundMs: 50 };
    const { events, finished } = await run({ folder, server, fate: () => "undone" }, { retry });
    expect(finished.outcome).toBe("failed");
    expect(events.find(({ type }) => type === "failed")).toMatchObject({
      message: "The transaction is gone.",
    });
    expect(server.lines).toEqual([]);
  });

  test("ends the run at once where a source can't be read again", async () => {
    const [folder, server] = [newFolder(), new Server()];
    const piped = {
      ...graph,
      steps: graph.steps.map((step) =>
        step.name === "clicks" ? { ...step, connector: "stdin", options: {} } : step,
      ),
    };
    const stdin = (async function* () {
      yield Buffer.from("a1\n");
    })();
    const { events, finished } = await run({ folder, server, fate: () => "undone" }, { graph: piped, stdin });
    expect(finished.outcome).toBe("failed");
    expect(events.some(({ type }) => type === "retry")).toBe(false);
  });

  test("starting over counts from the beginning, whatever an earlier start has decided", async () => {
    const [folder, server] = [newFolder(), new Server()];
    await run({ folder, server, fate: () => "holds" });
    expectAll(folder, server);
    server.lines.length = 0;
    let decisions = 0;
    const dying = await run(
      { folder, server, fate: () => (decisions++ === 0 ? "dies" : "holds") },
      { fromStart: true },
    );
    expect(dying.finished.outcome).toBe("failed");
    await run({ folder, server, fate: () => "holds" });
    expectAll(folder, server);
  });

  test("loses and doubles nothing, whatever becomes of transactions and processes", async () => {
    const fate = fc.constantFrom<Fate>("holds", "holds", "undone", "untold", "dies", "dies late");
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), async (planned) => {
        const [folder, server] = [newFolder(), new Server()];
        const fates = [...planned];
        for (;;) {
          const { finished } = await run({ folder, server, fate: () => fates.shift() ?? "holds" });
          expect(finished.ledger.balanced).toBe(true);
          if (finished.outcome !== "completed") continue;
          const steps = new Map(finished.ledger.steps.map((step) => [step.name, step]));
          expect(steps.get("clicks")).toMatchObject({ in: lines.length, out: lines.length });
          expect(steps.get("safe->0")).toMatchObject({ in: lines.length, out: lines.length, in_flight: 0 });
          expect(steps.get("few->2")).toMatchObject({ out: lines.length });
          break;
        }
        expectAll(folder, server);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
