// The codes of failures of commands themselves, each with its page: a run that can't be listened for, and one that can't be watched.
import type { CodePage } from "../dsl/index.ts";

export const commandFailureCodes = {
  "listen.address": {
    title: "A run can't be served at the address of `--listen`",
    why: "The host can't be found, is no address of this machine, or the system lets this user not listen there. A run that was to be watched and can't be would only look healthy, so it does not start.",
    fix: "Name an address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses. Ports below 1024 take rights of their own.",
    example: {
      wrong: "strm run pipeline.strm --listen db.example:80",
      right: "strm run pipeline.strm --listen 127.0.0.1:9464",
    },
  },
  "listen.in-use": {
    title: "Another process has the port of `--listen`",
    why: "One process can listen on a port. Often it is another run of the same pipeline, or one that has not ended yet.",
    fix: "Choose another port, or port 0 for any that is free. Or end the process that has it.",
    example: {
      wrong: "strm run pipeline.strm --listen 127.0.0.1:9464",
      right: "strm run pipeline.strm --listen 127.0.0.1:9465",
    },
  },
  "listen.token": {
    title: "`STRM_LISTEN_TOKEN` is missing, or is none",
    why: "What other machines can reach takes a token: names of streams, fields, topics and buckets are nobody's business. It has to be hard to guess, and is sent in a header, which carries visible ASCII only.",
    fix: "Set `STRM_LISTEN_TOKEN` to at least 16 random characters, here and where the run is asked. Or listen on 127.0.0.1, where no token is needed.",
    example: {
      wrong: "strm run pipeline.strm --listen 0.0.0.0:9464",
      right: "export STRM_LISTEN_TOKEN=$(openssl rand -hex 32)\nstrm run pipeline.strm --listen 0.0.0.0:9464",
    },
  },
  "top.address": {
    title: "`strm top` was given something that is no address of a run",
    why: "A run is served over HTTP, at the host and port of `--listen` or wherever a proxy has put it. A user, a password or a query in a URL would end up in the shell's history and in logs.",
    fix: "Give the URL that `strm run --listen` prints, and the token in `STRM_LISTEN_TOKEN`.",
    example: { wrong: "strm top 9464", right: "strm top http://127.0.0.1:9464" },
  },
  "top.no-terminal": {
    title: "`strm top` has no terminal to draw on",
    why: "It shows a run on a whole terminal and is led by keys, so that standard input and error both have to be one. In a pipe, in a log, in CI or behind the shell's present job there is none.",
    fix: "Start it on a terminal. A program reads `/events`, or `/metrics` for Prometheus.",
    example: {
      wrong: "strm top http://127.0.0.1:9464 | tee run.log",
      right: "curl -sN http://127.0.0.1:9464/events",
    },
  },
  "top.unreachable": {
    title: "The run does not answer",
    why: "There is no connection to that host and port, it is broken off, or nothing comes by it. Once `strm top` has seen a run, it tries again by itself; it does not wait for one that it has never seen.",
    fix: "Check host and port, and that the run is on and was started with `--listen`. A run on 127.0.0.1 can be reached from its own machine only. It answers 503 to more than 16 readers at once.",
  },
  "top.unauthorized": {
    title: "The run does not let this watcher in",
    why: "A run that has a token shows itself to whoever brings it. One that has none answers requests that name its host as this machine alone is named: localhost, 127.0.0.1 or [::1].",
    fix: "Set `STRM_LISTEN_TOKEN` to the token that the run was started with.",
    example: {
      wrong: "strm top http://10.0.0.7:9464",
      right: "STRM_LISTEN_TOKEN=$(cat token) strm top http://10.0.0.7:9464",
    },
  },
  "top.not-a-run": {
    title: "What answers is no run of strm",
    why: "Something else listens there, or a proxy answers in its stead: with another status, with a redirect, or with something that is no run events. The token is sent to nobody but the host that was named, so that redirects are not followed.",
    fix: "Give the URL that `strm run --listen` prints, without a path unless a proxy adds one.",
  },
  "top.not-understood": {
    title: "The run tells what this strm can't read",
    why: "Events of kinds that are new are left out, but one that is known came in another form, or the job graph did. Another version of strm is at work there, or something that only looks like strm. Showing half of it would mislead.",
    fix: "Use the version of strm that the run has: `strm --version` there says which.",
  },
} as const satisfies Record<string, CodePage>;

export type CommandFailureCode = keyof typeof commandFailureCodes;
