// The page of one step: of a stream its fields, readers and refusals, of a sink where it writes and how surely.
import { fromHere, placeOf } from "../../output/ledger-table.ts";
import { bytes, count, counted, printable } from "../../output/units.ts";
import type { FieldFacts, StreamFacts } from "../state/facts.ts";
import { consentKey, rateOf, trendOf } from "../state/history.ts";
import { own } from "../state/own.ts";
import type { Row } from "../state/rows.ts";
import { type Screen, seen } from "../state/screen.ts";
import type { Canvas } from "./canvas.ts";
import { type Line, plain, type Tone, toned, wrapped } from "./line.ts";
import { percent } from "./numbers.ts";
import { sparkline } from "./signs.ts";

/** All lines of the page, however many. */
export function stepPage(screen: Screen, row: Row, canvas: Canvas): readonly Line[] {
  const title = [toned("strong", printable(row.name)), toned("dim", `  ${row.kind}`)];
  return [
    title,
    ...flowLines(screen, row, canvas),
    ...(row.kind === "sink" ? sinkLines : streamLines)(screen, row, canvas),
  ];
}

function flowLines(screen: Screen, { name }: Row, { columns }: Canvas): readonly Line[] {
  const view = seen(screen);
  const step = view.run.ledger?.steps.find((one) => one.name === name);
  if (step === undefined) return [[toned("dim", "nothing counted yet")]];
  const trend = trendOf(view.history, name, view.nowMs, Math.min(60, Math.max(10, columns - 30)));
  const { in: given, out, withheld, rejected, in_flight } = step;
  const parts = [
    plain(`${count(given)} in = ${count(out)} out`),
    ...(step.kind === "sink" ? [plain(` + ${count(in_flight)} in flight`)] : []),
    ...(step.kind === "decrypt"
      ? [plain(` + ${count(withheld)} withheld (${percent(withheld, given)})`)]
      : []),
    ...(step.kind === "sink"
      ? []
      : [plain(" + "), toned(rejected > 0 ? "warn" : "dim", `${count(rejected)} rejected`)]),
  ];
  return [
    [
      plain(`${count(rateOf(view.history, name, view.nowMs))}/s  `),
      toned("good", sparkline(trend)),
      toned("dim", " last minute"),
    ],
    parts,
  ];
}

function streamLines(screen: Screen, { name }: Row, canvas: Canvas): readonly Line[] {
  const facts = own(screen.facts.streams, name);
  if (facts === undefined) return [];
  const keys = own(seen(screen).keysMade, name);
  return [
    pair("contract", printable(facts.contract)),
    ...(facts.asks.length > 0
      ? folded("asks for", `consent to ${facts.asks.join(", ")}; other events are withheld`, canvas.columns)
      : []),
    ...(keys === undefined
      ? []
      : [
          pair(
            "keys",
            `${counted(keys.created, "key link")} made in this run, ${count(keys.rotated)} rotated`,
          ),
        ]),
    ...offsetsSection(screen, name, "read", "committed"),
    ...section("rejected, newest reasons first", rejectionLines(screen, name)),
    ...section("what people consented to, in this run", consentLines(screen, facts)),
    ...section("fields", fieldLines(facts.fields)),
    ...section("who may read it", readerLines(screen, name, canvas)),
  ];
}

function sinkLines(screen: Screen, { name }: Row, { columns }: Canvas): readonly Line[] {
  const facts = own(screen.facts.sinks, name);
  const { run } = seen(screen);
  const written = run.written.find(({ sink }) => sink === name);
  const size = run.ledger?.steps.find((step) => step.name === name)?.written_bytes ?? 0;
  const lines =
    facts === undefined
      ? []
      : [
          pair("writes", printable(`${facts.holds} into ${facts.connector} ${facts.target}`)),
          ...folded("events", facts.events, columns),
          pair(
            "access",
            facts.credentials.length === 0
              ? "no credentials named in the program"
              : facts.credentials.map(printable).join(", "),
          ),
          ...folded("promise", `${facts.promise}. ${facts.reason}`, columns),
        ];
  const offsets = offsetsSection(screen, name, "written", "visible");
  // What has offsets has no files or objects, but the whole topic at the end.
  const nothing = offsets.length > 0 ? [] : [pair("complete", "nothing yet in this run")];
  const done =
    written === undefined
      ? nothing
      : [
          pair(
            "complete",
            `${counted(written.events, "event")} in ${counted(written.objects, "object")}, ${bytes(written.sizeBytes)} as stored`,
          ),
          pair("the last", printable(fromHere(written.target))),
        ];
  return [...lines, pair("written", `${bytes(size)} so far`), ...done, ...offsets];
}

/** The last offset of each partition; of a step whose records have none, nothing. */
function offsetsSection(screen: Screen, name: string, done: string, settled: string): readonly Line[] {
  const offsets = seen(screen).run.offsets.find(({ step }) => step === name);
  if (offsets === undefined) return [];
  const { partitions, others } = offsets;
  const width = Math.max("partition".length, ...partitions.map(({ partition }) => partition.length));
  const head = `  ${"partition".padEnd(width)}${done.padStart(17)}${settled.padStart(17)}`;
  return section("last offsets", [
    [toned("dim", head)],
    ...partitions.map(({ partition, offset, committed }) => [
      plain(`  ${printable(partition).padEnd(width)}${count(offset).padStart(17)}`),
      plain((committed === null ? "-" : count(committed)).padStart(17)),
    ]),
    ...(others === 0 ? [] : [[toned("dim", `  and ${counted(others, "more partition")}`)]]),
  ]);
}

const stateTones: Readonly<Partial<Record<FieldFacts["state"], Tone>>> = {
  sealed: "good",
  raw: "warn",
  clear: "strong",
};

function fieldLines(fields: readonly FieldFacts[]): readonly Line[] {
  const path = Math.max(...fields.map((field) => field.path.length));
  const type = Math.max(...fields.map((field) => field.type.length));
  return fields.map((field) => {
    const state = field.state.padEnd(8);
    const tone = stateTones[field.state];
    return [
      plain(`  ${printable(field.path).padEnd(path)}  `),
      toned("dim", `${printable(field.type).padEnd(type)}  `),
      tone === undefined ? plain(state) : toned(tone, state),
      plain(printable(field.purpose)),
    ];
  });
}

const mostCombinations = 8;

/** The most frequent first; which of them come as far as this stream. */
function consentLines(screen: Screen, { source, gate }: StreamFacts): readonly Line[] {
  const { consents, history, nowMs } = seen(screen);
  const own = consents.filter((one) => one.source === source).toSorted((a, b) => b.events - a.events);
  const all = own.reduce((sum, { events }) => sum + events, 0);
  const lines = own.slice(0, mostCombinations).map((one): Line => {
    const { levels, events } = one;
    const passes = levels !== null && gate.every((level) => levels.includes(level));
    const names = levels?.map((level) => screen.facts.purposes[level] ?? String(level)).join(", ");
    const rate = `${count(rateOf(history, consentKey(one), nowMs))}/s`;
    return [
      plain(`  ${percent(events, all).padStart(5)}  ${rate.padStart(11)}  `),
      toned("dim", (levels === null ? "" : passes ? "passes" : "withheld").padEnd(10)),
      plain(names === undefined ? "all other combinations" : names === "" ? "nothing" : printable(names)),
    ];
  });
  if (own.length <= mostCombinations) return lines;
  return [...lines, [toned("dim", `  and ${count(own.length - mostCombinations)} more combinations`)]];
}

function readerLines(screen: Screen, stream: string, { columns }: Canvas): readonly Line[] {
  return (own(screen.facts.streams, stream)?.readers ?? []).flatMap(({ sink, target, events }) => [
    [plain(`  ${printable(sink)}`), toned("dim", `  ${printable(target)}`)],
    ...wrapped(events, columns - 4).map((line) => [toned("dim", `    ${line}`)]),
  ]);
}

/** The reason that came up last stands first; never a value. */
function rejectionLines(screen: Screen, stream: string): readonly Line[] {
  return seen(screen)
    .run.rejections.filter(({ step }) => step === stream)
    .toReversed()
    .map((rejection) => {
      const { events, code, reason } = rejection;
      return [
        toned("warn", `  ${count(events)} `),
        plain(`${code}  ${printable(reason)}`),
        toned("dim", `  first at ${placeOf(rejection)}`),
      ];
    });
}

const pair = (name: string, text: string): Line => [toned("dim", name.padEnd(10)), plain(text)];

function folded(name: string, text: string, columns: number): readonly Line[] {
  return wrapped(printable(text), columns - 10).map((line, i) => pair(i === 0 ? name : "", line));
}

function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [[], [toned("dim", title)], ...lines];
}
