// Plans, plain and as a run executes them: what is computed and what is not, and how each stream shows each field.
import { expect, test } from "vitest";
import { plansOf } from "../../kit/kernel-rig.ts";
import { personContract } from "../../kit/person.ts";

const plan = (more: string, plain = false) => {
  const [only] = plansOf(`${personContract()}\n${more}`, { plain });
  if (only === undefined) throw new Error("no plan");
  return only;
};

test("computes what some sink needs, and nothing else", () => {
  const program = `
    encrypt people into safe
    encrypt people into unused
    decrypt safe into middle for granular(0)
    decrypt middle into end for granular(1)
    decrypt safe into nobody for granular(2)
    sink end into stdout`;
  const { streams, keyed } = plan(program);
  expect(streams.map(({ name, from, sinks }) => [name, from, sinks])).toEqual([
    ["people", -1, []],
    ["safe", 0, []],
    ["middle", 1, []],
    ["end", 2, ["events"]],
  ]);
  expect(keyed.map(({ step, kind }) => [step, kind])).toEqual([["safe", "value"]]);
  expect(streams[3]?.gate).toEqual([0, 1]);
  const all = plan(program, true);
  expect(all.streams.map(({ name, from, sinks }) => [name, from, sinks])).toEqual([
    ["people", -1, []],
    ["safe", 0, []],
    ["unused", 0, []],
    ["middle", 1, []],
    ["end", 3, ["events"]],
    ["nobody", 1, []],
  ]);
  expect(all.keyed.map(({ step, kind }) => [step, kind])).toEqual([
    ["safe", "value"],
    ["unused", "value"],
  ]);
});

test("counts a sink of rejections or keys as a need", () => {
  const of = (sink: string) =>
    plan(`encrypt people into safe\n${sink}`).streams.map(({ name, sinks }) => [name, sinks]);
  expect(of('sink people.rejected into file { path = "r.jsonl" }')).toEqual([["people", ["rejected"]]]);
  expect(of('sink safe.keys into file { path = "k.csv" }')).toEqual([
    ["people", []],
    ["safe", ["keys"]],
  ]);
});

test("has no plan for a source that nobody reads", () => {
  expect(plansOf(personContract())).toEqual([]);
});

test("says how each field stands: kept, sealed or opened, and under which mask", () => {
  const program = `
    encrypt people into safe
    decrypt safe into out for granular(1) {
      mask = [session, email, note]
      mask_seed = secret("S")
    }
    sink out into stdout`;
  const here = plan(program);
  expect(here.spots.map(({ path, purpose }) => [path, purpose])).toEqual([
    ["session", 0],
    ["email", 1],
    ["phones", 2],
    ["customer.id", 3],
    ["note", undefined],
  ]);
  expect(here.streams[1]?.fields.map(({ value }) => value)).toEqual([
    "sealed",
    "sealed",
    "sealed",
    "sealed",
    "kept",
  ]);
  expect(here.streams[2]?.fields).toEqual([
    { value: "sealed", mask: 0 },
    { value: "plain", mask: 0 },
    { value: "sealed" },
    { value: "sealed" },
    { value: "kept", mask: 0 },
  ]);
  expect(here.masks).toMatchObject([{ step: "out" }]);
  const asWritten = plan(program, true);
  expect(asWritten.spots).toEqual(here.spots);
  expect(asWritten.streams[2]?.fields[1]).toEqual({ value: "opened", opener: 0, mask: 0 });
  expect(asWritten.streams.map(({ seals, opens }) => [seals, opens])).toEqual([
    [[], []],
    [[0, 1, 2, 3], []],
    [[], [1]],
  ]);
});

test("opens what was sealed elsewhere with the keys of the step that opens it", () => {
  const program = `${personContract().split("source")[0]}
    source safe of sealed person from stdin
    decrypt safe into one for granular(1)
    decrypt one into two for granular(2)
    sink two into stdout`;
  const [elsewhere] = plansOf(program, { plain: true });
  expect(elsewhere?.keyed.map(({ step, kind }) => [step, kind])).toEqual([
    ["one", "link"],
    ["two", "link"],
  ]);
  expect(elsewhere?.streams[2]?.fields).toEqual([
    { value: "kept" },
    { value: "opened", opener: 0 },
    { value: "opened", opener: 1 },
    { value: "kept" },
  ]);
  expect(elsewhere?.streams.map(({ opens }) => opens)).toEqual([[], [1], [2]]);
  // A run asks for the link once: both steps open with the same store's keys.
  const [toRun] = plansOf(program);
  expect(toRun?.keyed.map(({ step, kind }) => [step, kind])).toEqual([["one", "link"]]);
  expect(toRun?.streams[2]?.fields).toEqual([
    { value: "kept" },
    { value: "opened", opener: 0 },
    { value: "opened", opener: 0 },
    { value: "kept" },
  ]);
  expect(toRun?.streams.map(({ opens }) => opens)).toEqual([[], [1], [2]]);
});

test("is data that a worker can be sent", () => {
  const whole = plan("encrypt people into safe\nsink safe into stdout");
  expect(structuredClone(whole)).toEqual(whole);
});
