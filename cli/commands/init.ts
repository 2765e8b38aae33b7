// `strm init`: a starter project that runs at once.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandFailure, type ExitCode, exitCodes } from "../exit.ts";

const pipeline = `// Reads visits, seals what is personal, and opens it again for those who have consent.

purposes {
  functional = 0 "running the service"
  analytics  = 1 "finding out how it is used"
  marketing  = 2 "writing about offers"
}

/// One visit. A field that is not declared here rejects its event: it may be personal.
contract visit as "example/visit/1.0.0" {
  sessionId: string  @key @pii(analytics)
  email: string?     @pii(marketing)
  page: string
  visitedAt: long    @time
  consents: int[]    @consent
}

source visits of visit from file { path = "data/visits.jsonl" }

encrypt visits into safe { rotate = 24h }

decrypt safe into offers for granular(analytics, marketing)

sink safe   into file { path = "out/safe.jsonl" }
sink offers into file { path = "out/offers.jsonl" }
`;

const visits = [
  { sessionId: "s-1", email: "anna@mail.example", page: "/", visitedAt: 1795420800000, consents: [0, 1, 2] },
  { sessionId: "s-2", email: null, page: "/shoes", visitedAt: 1795420860000, consents: [0, 1] },
  {
    sessionId: "s-1",
    email: "anna@mail.example",
    page: "/basket",
    visitedAt: 1795420920000,
    consents: [0, 1, 2],
  },
  { sessionId: "s-3", email: "zoe@mail.example", page: "/", visitedAt: 1795420980000, consents: [0] },
];

const readme = `# A strm pipeline

\`pipeline.strm\` says where events come from, what is personal in them, and who may read it for what.

    strm check pipeline.strm          # is it sound?
    strm explain pipeline.strm        # who can read what, and why
    strm run pipeline.strm            # run it; the results stand in out/
    strm state pipeline.strm          # how far did it come, and what did it count?
    strm rejected list pipeline.strm  # which events were refused, and why?

Keys, and events that could not be accepted, are kept in \`.strm\`. Keep that folder safe, and out of version control:
without its keys, sealed events can't be opened again.
`;

const files = {
  "pipeline.strm": pipeline,
  "data/visits.jsonl": `${visits.map((visit) => JSON.stringify(visit)).join("\n")}\n`,
  "README.md": readme,
  ".gitignore": ".strm/\nout/\n",
} as const;

export function init(folder: string): ExitCode {
  const there = Object.keys(files).filter((name) => existsSync(join(folder, name)));
  if (there.length > 0) {
    throw new CommandFailure(
      `${folder} has ${there.join(", ")} already; nothing was written.`,
      "Name an empty folder: strm init my-pipeline",
    );
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { flag: "wx" });
  }
  const path = join(folder, "pipeline.strm");
  process.stderr.write(
    `Made ${Object.keys(files)
      .map((name) => join(folder, name))
      .join(", ")}.\nNow: strm run ${path}\n`,
  );
  return exitCodes.ok;
}
