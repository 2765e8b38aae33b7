// The page of a tap: events of one stream as a sink is given them, the newest first.
import { bytes, counted, printable } from "../../output/units.ts";
import type { TapFacts } from "../state/facts.ts";
import type { Screen, Tapped } from "../state/screen.ts";
import type { Canvas } from "./canvas.ts";
import { type Line, plain, toned, wrapped } from "./line.ts";

const coverSign = "\u2022".repeat(8);

/** All lines of the page, however many. */
export function tapPage({ facts }: Screen, tapped: Tapped, { columns }: Canvas): readonly Line[] {
  const target = facts.taps[tapped.step];
  if (target === undefined) return [];
  const { stream, sink, format } = target;
  const paths = tapped.events.flatMap(({ fields = [] }) => fields.map(({ path }) => printable(path).length));
  const width = Math.min(Math.max(0, ...paths), Math.floor(columns / 2));
  return [
    [toned("strong", printable(stream)), toned("dim", `  tap, as ${printable(sink)} is given it: ${format}`)],
    ...coverLines(target, tapped, columns),
    ...(tapped.events.length === 0 ? [[], [toned("dim", "waits for the next events")]] : []),
    ...tapped.events.flatMap((event) => [[], ...eventLines(event, width)]),
  ];
}

function coverLines({ exposed }: TapFacts, { uncovered }: Tapped, columns: number): readonly Line[] {
  if (exposed.length === 0) return [[toned("good", "no personal value in clear")]];
  const names = exposed.map((path) => (path === "*" ? "fields that the contract does not know" : path));
  const text = `${uncovered ? "uncovered, as the run's events record" : "covered"}: ${names.join(", ")}`;
  const tone = uncovered ? "warn" : "good";
  return wrapped(printable(text), columns).map((line) => [toned(tone, line)]);
}

function eventLines({ sizeBytes, fields, more }: Tapped["events"][number], width: number): readonly Line[] {
  if (fields === undefined)
    return [[toned("dim", `an event too large to be shown: ${bytes(sizeBytes)} or more`)]];
  return [
    [toned("dim", `${counted(fields.length + more, "field")}, ${bytes(sizeBytes)}`)],
    ...fields.map(({ path, value }): Line => {
      const name = plain(`  ${printable(path).padEnd(width)}  `);
      return [name, value === undefined ? toned("dim", coverSign) : plain(printable(value))];
    }),
    ...(more > 0 ? [[toned("dim", `  and ${counted(more, "field")} more`)]] : []),
  ];
}
