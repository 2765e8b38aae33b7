// What `env`, `secret` and `file` find.
import { expect, test } from "vitest";
import { lookupIn } from "../../../runner/engine/values.ts";
import { emptyFolder, writeFiles } from "../../kit/folder.ts";

test("finds variables, mounted secrets before variables, and files beside the pipeline", () => {
  const folder = emptyFolder();
  writeFiles(folder, { "run/MOUNTED": "from a file\n", "seed.txt": "two\nlines\r\n", other: "no secret" });
  const environment = { SET: "", MOUNTED: "from a variable", PLAIN: "p", STRM_SECRETS_DIR: `${folder}/run` };
  const lookup = lookupIn(environment, folder);
  expect(lookup({ $env: "SET" })).toEqual({ text: "" });
  expect(lookup({ $env: "UNSET" })).toBeUndefined();
  expect(lookup({ $env: "MOUNTED" })).toEqual({ text: "from a variable" });
  expect(lookup({ $secret: "MOUNTED" })).toEqual({ text: "from a file" });
  expect(lookup({ $secret: "PLAIN" })).toEqual({ text: "p" });
  expect(lookup({ $secret: "../other" })).toBeUndefined();
  expect(lookup({ $file: "seed.txt" })).toEqual({ text: "two\nlines" });
  expect(lookup({ $file: "none.txt" })).toBeUndefined();
  expect(lookup({ $file: "run" })).toEqual({ problem: expect.stringMatching(/./) });
});
