// Plans: what is computed and what is not, and how each stream shows each field.
import { expect, test } from "vitest";
import { plansOf } from "../../kit/kernel-rig.ts";
import { personContract } from "../../kit/person.ts";

const plan = (more: string) => {
  const [only] = plansOf(`${personContract()}\n${more}`);
  if (only === undefined) throw new Error("no plan");
  return only;
};

test("computes what some sink needs, and nothing else", () => {
  const { streams, keyed } = plan(`
    encrypt people into safe
    encrypt people into unused
    decrypt safe into middle for granular(0)
    decrypt middle into end for granular(1)
    decrypt safe into nobody for granular(2)
    sink end into stdout`);
  expect(streams.map(({ name, from, written }) => [name, from, written])).toEqual([
    ["people", -1, false],
    ["safe", 0, false],
    ["middle", 1, false],
    ["end", 2, true],
  ]);
  expect(keyed.map(({ step, kind }) => [step, kind])).toEqual([["safe", "value"]]);
  expect(streams[3]?.gate).toEqual([0, 1]);
});

test("counts a sink of rejections or keys as a need", () => {
  const of = (sink: string) =>
    plan(`encrypt people into safe\n${sink}`).streams.map(({ name, written }) => [name, written]);
  expect(of('sink people.rejected into file { path = "r.jsonl" }')).toEqual([["people", false]]);
  expect(of('sink safe.keys into file { path = "k.csv" }')).toEqual([
    ["people", false],
    ["safe", false],
  ]);
});

test("has no plan for a source that nobody reads", () => {
  expect(plansOf(personContract())).toEqual([]);
});

test("says how each field stands: kept, sealed or opened, and under which mask", () => {
  const here = plan(`
    encrypt people into safe
    decrypt safe into out for granular(1) {
      mask = [session, email, note]
      mask_seed = secret("S")
    }
    sink out into stdout`);
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
    { value: "sealed", mask: "out" },
    { value: "kept", mask: "out" },
    { value: "sealed" },
    { value: "sealed" },
    { value: "kept", mask: "out" },
  ]);
});

test("opens what was sealed elsewhere with the keys of the step that opens it", () => {
  const [elsewhere] = plansOf(`${personContract().split("source")[0]}
    source safe of sealed person from stdin
    decrypt safe into one for granular(1)
    decrypt one into two for granular(2)
    sink two into stdout`);
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
});

test("is data that a worker can be sent", () => {
  const whole = plan("encrypt people into safe\nsink safe into stdout");
  expect(structuredClone(whole)).toEqual(whole);
});
