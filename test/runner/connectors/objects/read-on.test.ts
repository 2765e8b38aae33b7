// Reading an object over connections that break: every byte once, whatever happens, and none that does not fit its checksum.
import fc from "fast-check";
import { expect, test } from "vitest";
import { unreachable } from "../../../../runner/connectors/objects/failures.ts";
import { type Checksum, type Reply, readOn } from "../../../../runner/connectors/objects/read-on.ts";
import { codeOf } from "../../../kit/failures.ts";

const never = new AbortController().signal;

interface Told {
  readonly content: Buffer;
  /** How many bytes each request gives, before it breaks. */
  readonly gives: readonly number[];
  /** It ends as if that were all. */
  readonly quietly: boolean;
  readonly start: number;
  readonly checksum?: () => Checksum;
}

async function read({ content, gives, quietly, start, checksum }: Told): Promise<Buffer> {
  let request = 0;
  async function* bytesFrom(at: number): AsyncGenerator<Uint8Array> {
    const given = gives[request++] ?? content.length;
    for (let from = at; from < Math.min(at + given, content.length); from += 3) {
      yield content.subarray(from, Math.min(from + 3, at + given, content.length));
    }
    if (at + given < content.length && !quietly) throw new Error("broken");
  }
  const reading = readOn({
    store: "test://bucket",
    key: "key",
    start,
    open: async (at): Promise<Reply | undefined> =>
      at > 0 && at >= content.length
        ? undefined
        : { bytes: bytesFrom(at), sizeBytes: content.length, ...(checksum && { checksum: checksum() }) },
    failureOf: () => unreachable("test://bucket", "it broke"),
    signal: never,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reading) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("gives every byte once, wherever connections break, with an error or without", async () => {
  const breaks = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 40 }),
      breaks,
      fc.boolean(),
      fc.nat(40),
      async (bytes, gives, quietly, at) => {
        const content = Buffer.from(bytes);
        const start = Math.min(at, content.length);
        const whole = await read({ content, gives, quietly, start });
        expect(whole).toEqual(content.subarray(start));
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);

class Noting implements Checksum {
  readonly seen: Uint8Array[];
  readonly #fits: boolean;

  constructor(seen: Uint8Array[], fits: boolean) {
    this.seen = seen;
    this.#fits = fits;
  }

  update(bytes: Uint8Array): void {
    this.seen.push(bytes);
  }

  fits(): boolean {
    return this.#fits;
  }
}

test("checks what was read from its start as a whole, also over several requests, and does not try again what does not fit", async () => {
  const content = Buffer.from("what an object holds");
  const seen: Uint8Array[] = [];
  const told = { content, gives: [7], quietly: false };
  await read({ ...told, start: 0, checksum: () => new Noting(seen, true) });
  expect(Buffer.concat(seen)).toEqual(content);
  const wrong = () => new Noting([], false);
  expect(await codeOf(read({ ...told, start: 0, checksum: wrong }))).toBe("bucket.corrupt");
  expect(await read({ ...told, start: 5, checksum: wrong })).toEqual(content.subarray(5));
});
