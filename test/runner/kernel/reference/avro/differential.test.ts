// The same pipelines over the same events, as JSON and as Avro on either side: what comes out means the same, and nothing else is decided otherwise.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventFormat, SourcePlan } from "../../../../../runner/plan/plan.ts";
import {
  type AvroRun,
  datumOf,
  graphOfText,
  inputShapeOf,
  jsonOf,
  planIn,
  runRecords,
  shapeOf,
} from "../../../../kit/avro-rig.ts";
import { decisions, fittingLines, strict } from "../../../../kit/differential.ts";
import { randomPipelines } from "../../../../kit/random-pipelines.ts";

/** Without what JSON may leave out: members that are null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]));
}

/** Events as JSON, whichever format they were written in. */
function eventsOf(
  { streams }: AvroRun,
  plan: SourcePlan,
  format: EventFormat,
): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(streams).map(([stream, events]) => [
      stream,
      events.map((event) =>
        format === "avro" ? jsonOf(shapeOf(plan, stream), event) : event.toString().trimEnd(),
      ),
    ]),
  );
}

const parsed = (streams: Record<string, readonly string[]>) =>
  Object.fromEntries(
    Object.entries(streams).map(([stream, events]) => [
      stream,
      events.map((event) => withoutNulls(JSON.parse(event))),
    ]),
  );

describe("Avro and JSON", () => {
  test("random pipelines decide and write the same in every combination of formats", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(randomPipelines, async ({ program, upstream, lines }) => {
        const graph = graphOfText(strict(program));
        const json = planIn(graph, "json", "json");
        const jsonAvro = planIn(graph, "json", "avro");
        const avroJson = planIn(graph, "avro", "json");
        const avroAvro = planIn(graph, "avro", "avro");
        if (
          json === undefined ||
          jsonAvro?.avro === undefined ||
          avroJson?.avro === undefined ||
          avroAvro === undefined
        )
          return;
        const fitting = await fittingLines(json, upstream, lines);
        const values = fitting.map((line) => Buffer.from(line));
        const shape = inputShapeOf(avroJson);
        const datums = fitting.map((line) => datumOf(shape, line));

        const plain = await runRecords(json, values);
        const runs = [
          [await runRecords(jsonAvro, values), jsonAvro, "avro"],
          [await runRecords(avroJson, datums), avroJson, "json"],
          [await runRecords(avroAvro, datums), avroAvro, "avro"],
        ] as const;
        const expected = parsed(eventsOf(plain, json, "json"));
        const texts = runs.map(([run, plan, format]) => eventsOf(run, plan, format));
        for (const [i, [run]] of runs.entries()) {
          expect(parsed(texts[i]!)).toEqual(expected);
          expect(decisions(run)).toEqual(decisions(plain));
        }
        // Written from datums, to the very letter.
        expect(texts[2]).toEqual(texts[1]);
        compared += fitting.length;
      }),
      { numRuns: Number(process.env.STRM_HISTORIES ?? 150) },
    );
    expect(compared).toBeGreaterThan(100);
  }, 120_000);
});
