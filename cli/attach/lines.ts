// Lines of a stream of bytes, none longer than a bound.

const FIRST_BYTES = 4_096;

/** Throws what `tooLong` makes as soon as a line is. A last line without its end was cut off, and is left out. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  mostBytes: number,
  tooLong: () => Error,
): AsyncGenerator<string, void, void> {
  // What came of a line: in one piece, since a line may come byte by byte.
  let held = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  const hold = (part: Buffer): void => {
    if (length + part.length > mostBytes) throw tooLong();
    if (length + part.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * held.length, length + part.length));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    length += part.copy(held, length);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      hold(chunk.subarray(from, end));
      yield held.toString("utf8", 0, length);
      length = 0;
      from = end + 1;
    }
    hold(chunk.subarray(from));
  }
}
