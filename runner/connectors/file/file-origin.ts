// A file as readers see it.
import { StrmFailure } from "../../failure.ts";
import { fileFormatNames, type Origin } from "../reading/origin.ts";
import { openContents } from "./contents.ts";
import { changedFailure, corruptFailure } from "./failures.ts";
import { originOf } from "./paths.ts";

export interface FileOrigin extends Origin {
  /** Where it stands, whether or not that is still where its name says. */
  readonly path: string;
}

export function fileOrigin(path: string, name: string): FileOrigin {
  return {
    path,
    name,
    open: () => openContents(path),
    changed: (what) => changedFailure(path, what),
    damaged: (why, cause) => corruptFailure(`Could not read ${path}: ${why}.`, cause),
    unsupported: (as, why, cause) =>
      new StrmFailure(
        `file.${as}`,
        `Could not read ${path} as ${fileFormatNames[as]}: ${why}.`,
        "Look whether it is the right file, or write it anew in another way.",
        { cause },
      ),
  };
}

/** With the name that it has in the pipeline's folder. */
export function fileIn(baseDir: string, path: string): FileOrigin {
  return fileOrigin(path, originOf(path, baseDir));
}
