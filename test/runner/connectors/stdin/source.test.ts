// Standard input is read to its end, and left when the run stops.
import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { openStdin } from "../../../../runner/connectors/stdin/source.ts";
import { sourceConformance } from "../../../conformance/source.ts";
import { sourceContext } from "../../../kit/contexts.ts";

describe("the stdin source", () => {
  sourceConformance(
    async () => {
      const pieces = [Buffer.from('{"a":'), Buffer.from("1}\n"), Buffer.from("{}")];
      const source = await openStdin({}, sourceContext("/", { stdin: Readable.from(pieces) }));
      return { source, expected: new Map([["stdin", Buffer.concat(pieces)]]) };
    },
    () => openStdin({}, sourceContext("/", { stdin: new PassThrough() })),
  );

  test("fails where there is none", async () => {
    await expect(openStdin({}, sourceContext("/"))).rejects.toMatchObject({ code: "stdin.absent" });
  });
});
