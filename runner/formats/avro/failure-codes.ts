// The codes of failures with a schema registry.
import type { CodePage } from "../../../dsl/diagnostics/code-page.ts";

export const registryFailureCodes = {
  "registry.unreachable": {
    title: "The schema registry does not answer",
    why: "No connection to it can be made, it broke off, or the registry answered that it can't do it at the moment. The tries since then had no success.",
    fix: "Look whether the registry runs, and whether its address can be reached from here.",
  },
  "registry.tls": {
    title: "No TLS connection to the schema registry comes about",
    why: "The registry's certificate is not vouched for by `ca`, bears another name or has expired; or one side speaks TLS and the other does not.",
    fix: "Put right what the message names.",
  },
  "registry.denied": {
    title: "The schema registry does not allow it",
    why: "User and password, or the token, are not what the registry knows, or lack the right to read or register the schema.",
    fix: "Check `user` and `password`, or `token`, and what the registry grants them.",
  },
  "registry.no-schema": {
    title: "The schema registry does not have the stream's schema",
    why: "A sink writes events with the id of their schema, and the subject has no schema that is this one. Schemas are registered only where the program says so: often that is for a build pipeline to do.",
    fix: "Register the schema for the subject that the message names, or say `register = true`.",
    example: {
      wrong: 'registry = { url = "https://registry:8081" }',
      right: 'registry = { url = "https://registry:8081", register = true }',
    },
  },
  "registry.incompatible": {
    title: "The schema registry finds the stream's schema incompatible",
    why: "The subject has other versions, and its compatibility rule says that this one can't follow them. Sealed streams have a field `strmMeta` that the contract itself need not have.",
    fix: "Write to a topic of its own, name another `subject`, or change the subject's compatibility rule.",
  },
  "registry.refused": {
    title: "The schema registry refuses a request",
    why: "It answered that the schema or the subject is not valid for it, or sent the request elsewhere. Redirects are not followed, since they could lead credentials astray.",
    fix: "Look into the registry's log, and correct `url` or `subject`.",
  },
  "registry.garbled": {
    title: "What answers is no schema registry",
    why: "The answer is not what the Confluent-compatible API gives. Often the URL lacks the path of that API, or a proxy answers.",
    fix: "Correct `url`. Apicurio, for one, has its API at `/apis/ccompat/v7`.",
  },
  "registry.options": {
    title: "Options of a schema registry don't fit together",
    why: "Each option by itself is what it should be, but two of them contradict or miss each other, or a file that one names can't be read. The message says which.",
    fix: "Change what the message names.",
    example: {
      wrong: 'registry = { url = "registry:8081" }',
      right: 'registry = { url = "http://registry:8081" }',
    },
  },
} as const satisfies Record<string, CodePage>;
