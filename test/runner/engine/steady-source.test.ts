// A source whose surroundings fail for a while goes on where it stopped, each item once.
import { expect, test } from "vitest";
import type { Item, Positions, Source } from "../../../runner/connectors/delivery.ts";
import type { RunEvent } from "../../../runner/engine/events.ts";
import { Reporter } from "../../../runner/engine/reporter.ts";
import { Retries } from "../../../runner/engine/retry.ts";
import { SteadySource } from "../../../runner/engine/steady-source.ts";
import { StrmFailure, TransientFailure } from "../../../runner/failure.ts";

const never = new AbortController().signal;
const transient = () => new TransientFailure("file.io", "It is away.", "Wait.");

function item(number: number, piece?: { readonly last: boolean }): Item {
  const bytes = new Uint8Array(1);
  const place = { origin: "o", line: number, offsetBytes: number };
  return {
    partition: "p",
    position: number,
    content:
      piece === undefined
        ? {
            kind: "batch",
            batch: { bytes, origin: "o", firstLine: number, offsetBytes: number, readTimeMs: 0 },
          }
        : { kind: "piece", piece: { ...place, bytes, piece: 1, last: piece.last } },
  };
}

/** Ten items, 1 to 10; `fail` may throw before one is given. */
function opening(fail: (number: number) => void, opened: Positions[] = []) {
  return async (positions: Positions): Promise<Source> => {
    opened.push(new Map(positions));
    return {
      async *items() {
        for (let number = Number(positions.get("p") ?? 0) + 1; number <= 10; number++) {
          fail(number);
          yield item(number);
        }
      },
      close: async () => {},
    };
  };
}

function patience(events: RunEvent[] = []) {
  const policy = { firstWaitMs: 1, maxWaitMs: 4, boundMs: 200 };
  return new Retries(new Reporter((event) => events.push(event)), never, policy).patience("clicks");
}

async function positionsOf(source: Source): Promise<unknown[]> {
  const given: unknown[] = [];
  for await (const { position } of source.items(never)) given.push(position);
  return given;
}

test("is opened anew behind the last item that it gave", async () => {
  const events: RunEvent[] = [];
  const opened: Positions[] = [];
  let failures = 3;
  const open = opening((number) => {
    if (number === 5 && failures-- > 0) throw transient();
  }, opened);
  const source = await SteadySource.open(open, new Map([["p", 2]]), patience(events));
  expect(await positionsOf(source)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(opened.map((positions) => positions.get("p"))).toEqual([2, 4, 4, 4]);
  expect(events.map(({ type }) => type)).toEqual(["retry", "retry", "retry", "recovered"]);
});

test("says where it stands as it did last, also when it is closed", async () => {
  const reached = [{ partition: "p", offset: 4, committed: null }];
  const open = async (positions: Positions): Promise<Source> => ({
    ...(await opening(() => {})(positions)),
    behind: () => ({ count: 6, unit: "events" }),
    reached: () => reached,
  });
  const source = await SteadySource.open(open, new Map(), patience());
  await source.close();
  expect(source.behind()).toEqual({ count: 6, unit: "events" });
  expect(source.reached()).toEqual(reached);
});

test("one that never comes back fails at the bound, one that fails for good at once", async () => {
  const away = await SteadySource.open(
    opening((number) => {
      if (number === 2) throw transient();
    }),
    new Map(),
    patience(),
  );
  await expect(positionsOf(away)).rejects.toMatchObject({ code: "file.io" });
  const events: RunEvent[] = [];
  const denied = await SteadySource.open(
    opening(() => {
      throw new StrmFailure("file.denied", "No.", "Ask.");
    }),
    new Map(),
    patience(events),
  );
  await expect(positionsOf(denied)).rejects.toMatchObject({ code: "file.denied" });
  expect(events).toEqual([]);
});

test("within a long line it can't go on: its first pieces are delivered", async () => {
  const open = async (): Promise<Source> => ({
    async *items() {
      yield item(1, { last: false });
      throw transient();
    },
    close: async () => {},
  });
  const source = await SteadySource.open(open, new Map(), patience());
  await expect(positionsOf(source)).rejects.toMatchObject({ code: "file.io" });
});
