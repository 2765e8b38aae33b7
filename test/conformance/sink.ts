// What every sink must do, whatever it writes to.
import { expect, test } from "vitest";
import type { Sink } from "../../runner/connectors/connector.ts";

export interface SinkSubject {
  readonly sink: Sink;
  /** What others see of what was written: undefined where they see nothing. */
  readonly visible: () => Promise<Buffer | undefined>;
  /** False where writing shows at once, as with a pipe. */
  readonly atomic: boolean;
}

export function sinkConformance(open: () => Promise<SinkSubject>): void {
  test("writes every byte in order and reports what it wrote", async () => {
    const { sink, visible, atomic } = await open();
    const pieces = Array.from({ length: 50 }, (_, i) =>
      Buffer.from(`{"i":${i}}\n`.repeat(1 + (i % 7) * 100)),
    );
    for (const [i, piece] of pieces.entries()) await sink.write(piece, 1 + (i % 7) * 100);
    if (atomic) expect(await visible()).toBeUndefined();
    const reports = await sink.complete();
    const expected = Buffer.concat(pieces);
    expect(Buffer.compare((await visible())!, expected)).toBe(0);
    expect(reports.reduce((sum, report) => sum + report.sizeBytes, 0)).toBe(expected.length);
    expect(reports.reduce((sum, report) => sum + report.events, 0)).toBe(
      pieces.reduce((sum, _, i) => sum + 1 + (i % 7) * 100, 0),
    );
  });

  test("is done with the bytes when a write resolves", async () => {
    const { sink, visible } = await open();
    const bytes = Buffer.from('{"a":1}\n');
    await sink.write(bytes, 1);
    bytes.fill("x");
    await sink.write(Buffer.from('{"b":2}\n'), 1);
    await sink.complete();
    expect((await visible())?.toString()).toBe('{"a":1}\n{"b":2}\n');
  });

  test("shows nothing half-written after an abort, which never throws", async () => {
    const { sink, visible, atomic } = await open();
    await sink.write(Buffer.from('{"a":1}\n'), 1);
    await sink.abort();
    await sink.abort();
    if (atomic) expect(await visible()).toBeUndefined();
  });

  test("completes without a single event", async () => {
    const { sink, visible } = await open();
    const reports = await sink.complete();
    expect(reports.every((report) => report.events === 0 && report.sizeBytes === 0)).toBe(true);
    expect((await visible())?.length).toBe(0);
  });
}
