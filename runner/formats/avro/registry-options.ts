// The options by which a source or sink reaches a schema registry.
import { boolean, defaulted, optional, path, required, secret, string } from "../../../dsl/spec/options.ts";

/** What a source needs: `registry = { url = "https://registry:8081" }`. */
export const registryReadOptions = {
  url: required(
    string(),
    "Where the registry is, with the path of its Confluent-compatible API where that is not the root: `https://registry:8081`.",
  ),
  user: optional(string(), "The user's name (basic authentication)."),
  password: optional(secret(), "The user's password."),
  token: optional(secret(), "A bearer token, instead of user and password."),
  ca: optional(
    path(),
    "The certificates (PEM) of those who may vouch for the registry, relative to the pipeline's file. Default: those that Node trusts.",
  ),
};

/** What a sink needs beside that. */
export const registryWriteOptions = {
  ...registryReadOptions,
  subject: optional(string(), "The subject of the schema. Default: the topic's name and `-value`."),
  register: defaulted(
    boolean(),
    false,
    "Register the stream's schema where the subject does not have it. Without it, a schema that the subject lacks stops the run.",
  ),
};
