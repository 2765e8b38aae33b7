// As whom a step reaches its bucket of Google Cloud Storage: a key of its own or what the SDK finds; and a service account that is acted for with these.
import { type AuthClient, GoogleAuth, Impersonated, PassThroughClient } from "google-auth-library";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { membersIn, textOf } from "../objects/members.ts";
import { optionsFailure } from "../objects/options-failure.ts";
import type { gcsConnectionOptions } from "./connection-options.ts";

export type GcsOptions = OptionsOf<typeof gcsConnectionOptions>;

/** What a client may do at all; its rights are given to whom it acts for. */
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

export class Identity {
  readonly #make: () => Promise<AuthClient>;
  #client: Promise<AuthClient> | undefined;

  /** Throws `bucket.options`; reaches nobody yet. */
  constructor(options: GcsOptions, endpoint: URL, step: string) {
    const { credentials, impersonate, request_timeout } = options;
    const transporterOptions = { timeout: request_timeout };
    const google = endpoint.hostname === "googleapis.com" || endpoint.hostname.endsWith(".googleapis.com");
    const auth =
      credentials === undefined && !google
        ? undefined
        : new GoogleAuth({
            scopes: SCOPES,
            clientOptions: { transporterOptions },
            ...(credentials !== undefined && { credentials: keyOf(credentials, step) }),
          });
    this.#make = async () => {
      const client = auth === undefined ? new PassThroughClient() : await auth.getClient();
      if (impersonate === undefined) return client;
      return new Impersonated({
        sourceClient: client,
        targetPrincipal: impersonate,
        targetScopes: SCOPES,
        transporterOptions,
      });
    };
  }

  /** With a token that is good for some minutes at least. Throws errors of the SDK. */
  async headers(url: URL): Promise<Readonly<Record<string, string>>> {
    this.#client ??= this.#make();
    try {
      return Object.fromEntries(await (await this.#client).getRequestHeaders(url));
    } catch (error) {
      // What was found may be better the next time.
      this.#client = undefined;
      throw error;
    }
  }
}

const keyTypes = ["service_account", "external_account", "authorized_user", "impersonated_service_account"];

function keyOf(json: string, step: string): Record<string, unknown> {
  const key = membersIn(json);
  if (keyTypes.includes(textOf(key.type))) return { ...key };
  throw optionsFailure(
    step,
    "what `credentials` names is not a key of Google Cloud",
    "It is to be the JSON of a service account's key, or of an external account (workload identity federation).",
  );
}
