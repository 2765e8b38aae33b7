// What a run has opened is closed again, also where it never begins.
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { runGraph } from "../../cli/run-graph.ts";
import { root } from "../kit/cli.ts";
import { freePorts } from "../kit/ports.ts";

vi.mock("../../cli/open-output.ts", () => ({
  outputFor: () => "tui",
  openOutput: () => {
    throw new TypeError("the output can't be opened");
  },
}));

afterEach(() => {
  vi.restoreAllMocks();
});

test("where the output can't be opened, the port of --listen is free again and signals do what they did", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const [port = 0] = await freePorts(1);
  const watched = process.listenerCount("SIGTERM");
  const run = runGraph(
    join(root, "pipelines/quickstart.strm"),
    { listen: { host: "127.0.0.1", port } },
    { fromStart: false },
  );
  await expect(run).rejects.toThrow("the output can't be opened");
  expect(said.mock.calls.join("\n")).toContain(`listening on http://127.0.0.1:${port}`);
  const next = createServer().listen(port, "127.0.0.1");
  await once(next, "listening");
  await once(next.close(), "close");
  expect(process.listenerCount("SIGTERM")).toBe(watched);
});
