// What a failure is known by.
import { expect } from "vitest";
import { StrmFailure } from "../../runner/failure.ts";

/** The code that it fails with. Throws where it doesn't fail, or with anything else. */
export async function codeOf(doing: Promise<unknown>): Promise<string> {
  const error = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StrmFailure)) throw new Error("no failure", { cause: error });
  expect(error.help).not.toBe("");
  return error.code;
}
