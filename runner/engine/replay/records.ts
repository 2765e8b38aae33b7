// Reads the records of a quarantine file: what was refused, why, and where it came from. Memory is bounded by the longest record.
import { open } from "node:fs/promises";
import { StrmFailure } from "../../failure.ts";

export interface QuarantineRecord {
  readonly code: string;
  readonly reason: string;
  /** The step that refused the event. */
  readonly step: string;
  readonly origin: string;
  readonly line: number;
  readonly offsetBytes: number;
  /** Present for a record: where it stood in its origin; line and offset in bytes are 0 then. */
  readonly offset: number | undefined;
  /** The contract's field it is about, if any. */
  readonly path: string | undefined;
  /** Present in the pieces of a line over the bound, from 1. */
  readonly piece: number | undefined;
  readonly last: boolean;
  /** The event, or the piece of it, as a compact JWE under the master key. */
  readonly event: string;
  /** From 1, in its file. */
  readonly number: number;
  /** Where the next record starts in the file. */
  readonly endOffsetBytes: number;
}

const READ_BYTES = 1 << 18;
const LINE_FEED = 0x0a;

/**
 * The records of `path` in order, up to `toBytes`; a last line that is not complete is left out. Throws `run.state-folder` where a line
 * is no record.
 */
export async function* readRecords(
  path: string,
  toBytes: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<QuarantineRecord, void, void> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let parts: Buffer[] = [];
    let number = 0;
    for (let at = 0; at < toBytes; ) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, toBytes - at), at);
      if (bytesRead === 0) return;
      for (let from = 0; from < bytesRead; ) {
        const end = buffer.subarray(0, bytesRead).indexOf(LINE_FEED, from);
        // A copy: the buffer is read into again.
        parts.push(Buffer.from(buffer.subarray(from, end < 0 ? bytesRead : end)));
        if (end < 0) break;
        from = end + 1;
        yield recordOf(Buffer.concat(parts).toString("utf8"), ++number, at + from, path);
        parts = [];
      }
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function recordOf(text: string, number: number, endOffsetBytes: number, path: string): QuarantineRecord {
  const record = objectOf(parsed(text));
  const position = objectOf(record?.position);
  const [code, reason, step, event] = [record?.code, record?.reason, record?.step, record?.event];
  const { origin, line = 0, offset_bytes: offsetBytes = 0, offset } = position ?? {};
  if (
    typeof code !== "string" ||
    typeof reason !== "string" ||
    typeof step !== "string" ||
    typeof event !== "string" ||
    typeof origin !== "string" ||
    typeof line !== "number" ||
    typeof offsetBytes !== "number" ||
    (offset !== undefined && typeof offset !== "number")
  ) {
    throw new StrmFailure(
      "run.state-folder",
      `Line ${number} of the quarantine file ${path} is no record of a refused event.`,
      "Restore the file from a backup, or move it away.",
    );
  }
  const [field, piece] = [record?.path, record?.piece];
  return {
    code,
    reason,
    step,
    origin,
    line,
    offsetBytes,
    offset,
    path: typeof field === "string" ? field : undefined,
    piece: typeof piece === "number" ? piece : undefined,
    last: record?.last !== false,
    event,
    number,
    endOffsetBytes,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}
