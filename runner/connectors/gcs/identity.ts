// As whom a step reaches its bucket of Google Cloud Storage: a key of its own or what the SDK finds; and a service account that is acted for with these.
import { setTimeout as sleep } from "node:timers/promises";
import { type AuthClient, GoogleAuth, PassThroughClient } from "google-auth-library";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import type { gcsConnectionOptions } from "./connection-options.ts";
import { actingClient, keyClient, SCOPES } from "./key-client.ts";

export type GcsOptions = OptionsOf<typeof gcsConnectionOptions>;

export class Identity {
  readonly #silenceMs: number;
  readonly #make: () => Promise<AuthClient>;
  #client: Promise<AuthClient> | undefined;

  /** Throws `bucket.options`; reaches nobody yet. */
  constructor(options: GcsOptions, endpoint: URL, step: string) {
    const { credentials, impersonate, request_timeout: silenceMs } = options;
    const transport = { transporterOptions: { timeout: silenceMs } };
    this.#silenceMs = silenceMs;
    const google = /(?:^|\.)googleapis\.com$/.test(endpoint.hostname);
    const own = credentials === undefined ? undefined : keyClient(credentials, transport, step);
    this.#make = async () => {
      const found = own ?? (google ? await foundClient(transport) : new PassThroughClient());
      return impersonate === undefined ? found : actingClient(impersonate, found, transport);
    };
  }

  /** With a token that is good for some minutes at least. Throws errors of the SDK, and what an abort throws. */
  async headers(url: URL, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    // Not all issuers of the SDK's heed a limit.
    const silence = sleep(this.#silenceMs, undefined, { signal: either }).then(() => {
      throw Object.assign(new Error("silence"), { code: "ETIMEDOUT" });
    });
    try {
      this.#client ??= this.#make();
      const asked = this.#client.then((client) => client.getRequestHeaders(url));
      return Object.fromEntries(await Promise.race([asked, silence]));
    } catch (error) {
      // What is found may be better the next time.
      this.#client = undefined;
      throw error;
    } finally {
      done.abort();
    }
  }
}

function foundClient(transport: { readonly transporterOptions: { readonly timeout: number } }) {
  return new GoogleAuth({ scopes: SCOPES, clientOptions: transport }).getClient();
}
