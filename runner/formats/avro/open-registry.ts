// Turns a step's `registry` option into a client.
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import { pemFile } from "../../pem-file.ts";
import { Registry } from "./registry.ts";
import { RegistryHttp } from "./registry-http.ts";
import type { registryReadOptions } from "./registry-options.ts";

type Options = OptionsOf<typeof registryReadOptions>;

/** Asks nothing yet. Throws `registry.options`. */
export async function openRegistry(options: Options, step: string, baseDir: string): Promise<Registry> {
  const url = urlOf(options.url);
  if (url === undefined) {
    const rule = "`url` is the address of an HTTP server, without credentials or a query";
    throw failure(step, rule, "Write it as `https://registry:8081`; `user` and `password` stand beside it.");
  }
  return new Registry(
    new RegistryHttp({
      url,
      authorization: authorizationOf(options, step),
      ca: options.ca === undefined ? undefined : await pem(options.ca, step, baseDir),
      step,
    }),
  );
}

function urlOf(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username + url.password + url.search + url.hash === "" ? url : undefined;
}

function authorizationOf({ user, password, token }: Options, step: string): string | undefined {
  if ((user === undefined) !== (password === undefined))
    throw failure(step, "`user` and `password` of `registry` go together", "Give both, or neither.");
  if (token !== undefined && user !== undefined)
    throw failure(step, "`registry` has both a user and a token", "Give one of them.");
  if (token !== undefined) return `Bearer ${token}`;
  return user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function pem(path: string, step: string, baseDir: string): Promise<string> {
  return pemFile(path, baseDir, (file, help, cause) =>
    failure(step, `the certificate at ${file} can't be read`, help, cause),
  );
}

function failure(step: string, rule: string, help: string, cause?: unknown): StrmFailure {
  return new StrmFailure("registry.options", `The options of \`${step}\` can't be used: ${rule}.`, help, {
    cause,
  });
}
