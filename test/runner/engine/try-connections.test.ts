// Every step of a graph is tried, side by side and for itself; what is missing or silent is told for each.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Connector, connector } from "../../../runner/connectors/connector.ts";
import { fileSpec } from "../../../runner/connectors/file/spec.ts";
import { stdoutSpec } from "../../../runner/connectors/stdout/spec.ts";
import { tryConnectionsWith } from "../../../runner/engine/try-connections.ts";
import { StrmFailure } from "../../../runner/failure.ts";
import { emptyFolder, writeFiles } from "../../kit/folder.ts";
import { graphOf } from "../../kit/run-program.ts";

const program = `
contract c as "a/c/1.0.0" {
  k: string @key @pii(0)
  e: int[] @consent
}
keys vault in sqlite { path = "keys.db", master_key = secret("MASTER") }
source a of c from file { path = "a.jsonl" }
source b of c from file { path = "b.jsonl" }
source unread of c from file { path = "c.jsonl" }
encrypt a into safe { keys = vault }
encrypt b into other { keys = vault }
encrypt unread into nobody { keys = vault }
decrypt safe into masked for granular(0) { mask = [k], mask_seed = secret("SEED") }
sink other into file { path = "other.jsonl" }
sink masked into stdout
`;

function fake(outcome: (step: string, signal: AbortSignal) => Promise<string>): readonly Connector[] {
  const attempt =
    async () =>
    (_: unknown, { step, signal }: { step: string; signal: AbortSignal }) =>
      outcome(step, signal);
  return [
    connector({ spec: fileSpec, trySource: attempt, trySink: attempt }),
    connector({ spec: stdoutSpec, openSink: async () => () => Promise.reject(new Error("opened")) }),
  ];
}

async function tried(
  outcome: (step: string, signal: AbortSignal) => Promise<string>,
  environment: Record<string, string> = {},
) {
  const folder = emptyFolder();
  writeFiles(folder, { "p.strm": program });
  const graph = graphOf(folder, "p.strm");
  const streams = new Set(["a", "b", "safe", "other", "masked"]);
  const options = { graph, baseDir: folder, stateDir: folder, environment, timeoutMs: 300 };
  return tryConnectionsWith(fake(outcome), streams, options);
}

const master = JSON.stringify({ kty: "oct", k: Buffer.alloc(32, 1).toString("base64url") });

test("all is told, in the graph's order, with what nothing can be said of", async () => {
  const found = await tried(async (step) => `${step} is there`, { MASTER: master, SEED: "s" });
  expect(found.map(({ step, kind, outcome, message }) => [step, kind, outcome, message])).toEqual([
    ["a", "source", "ok", "a is there"],
    ["b", "source", "ok", "b is there"],
    ["masked", "mask", "ok", "its seed is there"],
    ["other->file", "sink", "ok", "other->file is there"],
    ["masked->stdout", "sink", "untried", "nothing to try"],
    ["vault", "keys", "ok", "a run will make its file"],
  ]);
});

test("one that fails, one that never answers and one that is a mistake of ours don't keep the others from being told", async () => {
  let aborted = false;
  const found = await tried(
    async (step, signal) => {
      if (step === "a") throw new StrmFailure("file.io", "It is broken.", "Mend it.");
      if (step === "other->file") throw new TypeError("secret words");
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      await sleep(60_000, undefined, { signal }).catch(() => {});
      return "too late";
    },
    { MASTER: '{"kty":"oct"}' },
  );
  expect(found).toMatchObject([
    { step: "a", outcome: "failed", code: "file.io", message: "It is broken.", help: "Mend it." },
    { step: "b", outcome: "failed", code: "run.no-answer" },
    { step: "masked", outcome: "failed", code: "secret.missing" },
    { step: "other->file", outcome: "failed", code: "bug" },
    { step: "masked->stdout", outcome: "untried" },
    { step: "vault", outcome: "failed", code: "keys.bad-master-key" },
  ]);
  expect(JSON.stringify(found)).not.toContain("secret words");
  expect(aborted).toBe(true);
});
