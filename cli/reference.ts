// The reference pages of this very product: its catalog, its tables of codes and its commands.
import { diagnosticCodes, type ReferencePage, referencePages } from "../dsl/index.ts";
import { eventCodes, failureCodes } from "../runner/index.ts";
import { catalog } from "./catalog.ts";
import { commandsPage } from "./commands-page.ts";
import { commandFailureCodes } from "./failure-codes.ts";

export function reference(): readonly ReferencePage[] {
  const codes = [
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
      name: "commands",
      title: "Failures of commands",
      intro:
        "What stops a command itself: a run can't be served with `--listen`, or not be watched with `strm top`.",
      codes: commandFailureCodes,
    },
    {
      name: "rejections",
      title: "Rejections",
      intro:
        "Why a single event is refused. It goes to `NAME.rejected`, or to the quarantine, and the run goes on.",
      codes: eventCodes,
    },
  ];
  return referencePages(catalog, codes, [commandsPage()]);
}
