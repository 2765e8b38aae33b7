// What keys do to what is shown, without any terminal.
import { describe, expect, test } from "vitest";
import {
  type Key,
  type Pressed,
  press,
  rowsIn,
  type Screen,
  seen,
  selectedRow,
  tapWish,
  withSample,
} from "../../../../cli/ui/state/screen.ts";
import { watch } from "../../../../cli/ui/state/watch.ts";
import { busyMinute, progressAt, quickstartStarted, screenAfter, timeAt } from "../../../kit/watched-run.ts";

const keyOf = (name: string): Key => {
  if (name.length === 1) return { text: name };
  const names = [
    "up",
    "down",
    "left",
    "right",
    "page-up",
    "page-down",
    "tab",
    "back-tab",
    "enter",
    "escape",
    "backspace",
    "ctrl-c",
  ] as const;
  const found = names.find((one) => one === name);
  if (found === undefined) throw new Error(`there is no key ${name}`);
  return { name: found };
};

/** Keys by their names, with blanks between. */
function pressed(screen: Screen, keys: string): Pressed {
  return keys.split(" ").reduce<Pressed>((before, key) => press(before.screen, keyOf(key)), { screen });
}

const screen = screenAfter(busyMinute(5));
const selectedAfter = (keys: string): string | undefined => selectedRow(pressed(screen, keys).screen)?.name;

test("steps stand in a tree, each stream before what comes of it", () => {
  expect(rowsIn(screen).map(({ name, rails, side }) => [rails.length, name, side])).toEqual([
    [0, "events", "events"],
    [1, "safe", "events"],
    [2, "recommendations", "events"],
    [3, "recommendations->file", "events"],
    [2, "campaigns", "events"],
    [3, "campaigns->file", "events"],
    [2, "safe->file", "events"],
    [2, "safe.keys->file", "keys"],
  ]);
});

describe("moving", () => {
  test("arrows go step by step and stop at the ends, tab goes around", () => {
    expect(selectedRow(screen)?.name).toBe("events");
    expect(selectedAfter("down down")).toBe("recommendations");
    expect(selectedAfter("down up up up")).toBe("events");
    expect(selectedAfter("page-down down")).toBe("safe.keys->file");
    expect(selectedAfter("back-tab")).toBe("safe.keys->file");
    expect(selectedAfter("back-tab tab")).toBe("events");
  });

  test("enter looks into the selected step, where arrows scroll and tab goes on; esc comes back", () => {
    const inside = pressed(screen, "down enter down down").screen;
    expect(inside).toMatchObject({ page: "step", scroll: 2 });
    expect(selectedRow(inside)?.name).toBe("safe");
    expect(pressed(inside, "tab").screen).toMatchObject({
      page: "step",
      scroll: 0,
      selected: "recommendations",
    });
    expect(pressed(inside, "up up up").screen.scroll).toBe(0);
    expect(pressed(inside, "escape").screen).toMatchObject({ page: "overview", scroll: 0 });
  });
});

describe("the filter", () => {
  test("shows steps that are called so, with those they come from", () => {
    const typed = pressed(screen, "/ C a m p").screen;
    expect(rowsIn(typed).map(({ name }) => name)).toEqual(["events", "safe", "campaigns", "campaigns->file"]);
    expect(rowsIn(pressed(typed, "backspace backspace backspace backspace").screen).length).toBe(8);
    expect(pressed(typed, "enter").screen).toMatchObject({ mode: "look", filter: "Camp" });
    expect(pressed(typed, "escape").screen).toMatchObject({ mode: "look", filter: "" });
    expect(pressed(typed, "enter escape").screen.filter).toBe("");
  });

  test("takes letters that are commands elsewhere, and may match nothing", () => {
    const typed = pressed(screen, "/ q p ?");
    expect(typed.wish).toBeUndefined();
    expect(typed.screen).toMatchObject({ filter: "qp?", frozen: undefined });
    expect(rowsIn(typed.screen)).toEqual([]);
    expect(pressed(typed.screen, "enter down tab enter").screen.page).toBe("overview");
  });
});

describe("freezing", () => {
  test("holds the picture while the run goes on", () => {
    const frozen = pressed(screen, "p").screen;
    const later: Screen = { ...frozen, view: watch(frozen.view, progressAt(6, { read: 9_000_000 })) };
    expect(seen(later)).toBe(screen.view);
    expect(pressed(later, "down").screen.selected).toBe("safe");
    expect(seen(pressed(later, "p").screen)).toBe(later.view);
  });
});

describe("stopping", () => {
  test("q asks while events are in flight, and only yes is yes", () => {
    const asked = pressed(screen, "q");
    expect(asked.wish).toBeUndefined();
    expect(asked.screen.mode).toBe("stop");
    for (const yes of ["y", "q", "enter"]) expect(pressed(asked.screen, yes).wish).toBe("stop");
    for (const no of ["n", "escape", "x", "down"]) {
      expect(pressed(asked.screen, no).wish).toBeUndefined();
      expect(pressed(asked.screen, no).screen.mode).toBe("look");
    }
  });

  test("q asks for the present state, also of a frozen picture, and not at all where nothing is in flight", () => {
    const quiet = screenAfter([quickstartStarted, progressAt(1, { read: 10 })]);
    expect(pressed(quiet, "q").wish).toBe("stop");
    const frozen = pressed(quiet, "p").screen;
    const busy: Screen = { ...frozen, view: watch(frozen.view, progressAt(2, { read: 20, inFlight: 5 })) };
    expect(pressed(busy, "q").wish).toBeUndefined();
  });

  test("a run that stops already is not asked again; Ctrl-C is never held back", () => {
    const stopping = screenAfter([quickstartStarted, { type: "stopping", time: timeAt(1), signal: "q" }]);
    expect(pressed(stopping, "q").wish).toBeUndefined();
    for (const before of ["?", "/", "q", "p"])
      expect(pressed(screen, `${before} ctrl-c`).wish).toBe("interrupt");
  });
});

test("help goes away with any key, which does nothing else", () => {
  const help = pressed(screen, "?").screen;
  expect(help.mode).toBe("help");
  expect(pressed(help, "q")).toEqual({ screen: { ...help, mode: "look" } });
});

describe("a tap", () => {
  const event = { sizeBytes: 40, more: 0, fields: [{ path: "notSensitiveValue", value: '"a"' }] };
  const wishAfter = (keys: string) => tapWish(pressed(screen, keys).screen);

  test("of a stream without personal values in clear opens at once", () => {
    expect(wishAfter("down t")).toEqual({ step: "safe", uncovered: false });
  });

  test("of one that has some asks first, and covers them", () => {
    expect(wishAfter("down down t")).toBeUndefined();
    expect(wishAfter("down down t x")).toBeUndefined();
    expect(wishAfter("down down t t")).toBeUndefined();
    expect(wishAfter("down down t enter")).toBeUndefined();
    expect(wishAfter("down down t y")).toEqual({ step: "recommendations", uncovered: false });
  });

  test("is uncovered only by another question, and covered without one", () => {
    expect(wishAfter("down down t y u")).toMatchObject({ uncovered: false });
    expect(wishAfter("down down t y u escape")).toMatchObject({ uncovered: false });
    expect(wishAfter("down down t y u u")).toMatchObject({ uncovered: false });
    expect(wishAfter("down down t y u enter")).toMatchObject({ uncovered: false });
    expect(wishAfter("down down t y u y")).toMatchObject({ uncovered: true });
    expect(wishAfter("down down t y u y u")).toMatchObject({ uncovered: false });
    expect(wishAfter("down t u")).toMatchObject({ uncovered: false });
  });

  test("goes back to the page it was opened from, and is covered when it is opened again", () => {
    const back = pressed(screen, "down down enter t y u y escape").screen;
    expect(back).toMatchObject({ page: "step", tapped: undefined });
    expect(tapWish(pressed(back, "t y").screen)).toMatchObject({ uncovered: false });
    expect(pressed(screen, "down t t").screen.page).toBe("overview");
  });

  test("can't be had of keys, or of what no sink takes", () => {
    for (const keys of ["t", "up t", "down down down down down down down t"]) {
      const { screen: after } = pressed(screen, keys);
      expect(after).toMatchObject({ mode: "look", page: "overview", notice: expect.stringMatching(/./) });
      expect(press(after, keyOf("down")).screen.notice).toBeUndefined();
    }
  });

  test("takes in what it asked for, newest first and a bounded number, and nothing while it is frozen", () => {
    const open = pressed(screen, "down t").screen;
    const sample = (n: number) => ({
      wish: { step: "safe", uncovered: false },
      events: [event, { ...event, sizeBytes: n }],
    });
    let seen = open;
    for (let n = 0; n < 30; n++) seen = withSample(seen, sample(n));
    expect(seen.tapped?.events.length).toBe(20);
    expect(seen.tapped?.events[0]?.sizeBytes).toBe(29);
    const frozen = pressed(seen, "p").screen;
    expect(withSample(frozen, sample(99))).toBe(frozen);
    const other = { wish: { step: "safe", uncovered: true }, events: [event] };
    expect(withSample(seen, other)).toBe(seen);
    expect(withSample(screen, sample(1))).toBe(screen);
  });

  test("forgets what it showed uncovered when it is covered", () => {
    const open = pressed(screen, "down down t y u y").screen;
    const shown = withSample(open, { wish: { step: "recommendations", uncovered: true }, events: [event] });
    expect(shown.tapped?.events.length).toBe(1);
    expect(pressed(shown, "u").screen.tapped?.events).toEqual([]);
  });
});

describe("a run of another process", () => {
  const attached: Screen = { ...screen, attached: true };

  test("is left by q and Ctrl-C, without a question and whatever is in flight", () => {
    expect(pressed(attached, "q")).toMatchObject({ wish: "leave", screen: { mode: "look" } });
    expect(pressed(attached, "ctrl-c").wish).toBe("leave");
    const stopping = watch(screen.view, { type: "stopping", time: timeAt(6), signal: "SIGTERM" });
    expect(pressed({ ...attached, view: stopping }, "q").wish).toBe("leave");
  });

  test("shows no events, and says so", () => {
    const asked = pressed(attached, "down down t").screen;
    expect(asked).toMatchObject({ page: "overview", mode: "look" });
    expect(asked.notice).toContain("no value of one leaves it");
    expect(tapWish(asked)).toBeUndefined();
  });
});
