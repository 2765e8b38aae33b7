// The reference pages of this very product: its catalog and its three tables of codes.
import { diagnosticCodes, type ReferencePage, referencePages } from "../dsl/index.ts";
import { eventCodes, failureCodes } from "../runner/index.ts";
import { catalog } from "./catalog.ts";

export function reference(): readonly ReferencePage[] {
  return referencePages(catalog, [
    {
      name: "findings",
      title: "Findings",
      intro: "What `strm check` says of a program. An error stops it from running, a warning doesn't.",
      codes: diagnosticCodes,
    },
    {
      name: "failures",
      title: "Failures",
      intro: "What stops a run: something outside of the program is missing, denied or broken.",
      codes: failureCodes,
    },
    {
      name: "rejections",
      title: "Rejections",
      intro:
        "Why a single event is refused. It goes to `NAME.rejected`, or to the quarantine, and the run goes on.",
      codes: eventCodes,
    },
  ]);
}
