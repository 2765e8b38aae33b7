// The client of Google's SDK for a key file's JSON, and for a service account that is acted for.
import {
  type AuthClient,
  ExternalAccountClient,
  type ExternalAccountClientOptions,
  Impersonated,
  JWT,
  UserRefreshClient,
} from "google-auth-library";
import { type Members, membersIn, textOf } from "../objects/members.ts";
import { optionsFailure } from "../objects/options-failure.ts";

type Transport = Pick<ExternalAccountClientOptions, "transporterOptions">;

/** What a client may do at all; its rights are given to whom it acts for. */
export const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

/** Throws `bucket.options`; reaches nobody yet. */
export function keyClient(json: string, transport: Transport, step: string): AuthClient {
  const key = membersIn(json);
  const client = clientOf(key, transport);
  if (client !== undefined) return client;
  throw optionsFailure(
    step,
    "what `credentials` names is not a key of Google Cloud",
    "It is to be the JSON of a service account's key, of an external account (workload identity federation), or of a user.",
  );
}

/** As `account`, by the rights of `source`. */
export function actingClient(account: string, source: AuthClient, transport: Transport): AuthClient {
  return quietly(
    () =>
      new Impersonated({
        sourceClient: source,
        targetPrincipal: account,
        targetScopes: SCOPES,
        ...transport,
      }),
  );
}

function clientOf(key: Members, transport: Transport): AuthClient | undefined {
  const [email, privateKey] = [textOf(key.client_email), textOf(key.private_key)];
  if (key.type === "service_account" && email !== "" && privateKey !== "") {
    return new JWT({
      email,
      key: privateKey,
      keyId: textOf(key.private_key_id),
      scopes: SCOPES,
      ...transport,
    });
  }
  if (key.type === "authorized_user") {
    return new UserRefreshClient({
      clientId: textOf(key.client_id),
      clientSecret: textOf(key.client_secret),
      refreshToken: textOf(key.refresh_token),
      ...transport,
    });
  }
  if (!isExternalAccount(key)) return undefined;
  return quietly(() => ExternalAccountClient.fromJSON({ ...key, scopes: SCOPES, ...transport })) ?? undefined;
}

function isExternalAccount(key: object): key is ExternalAccountClientOptions {
  const { type, audience, subject_token_type, credential_source }: Members = { ...key };
  return (
    type === "external_account" &&
    typeof audience === "string" &&
    typeof subject_token_type === "string" &&
    typeof credential_source === "object"
  );
}

/** The SDK warns of configurations that strangers made. These are the operator's, like the pipeline itself. */
function quietly<T>(make: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return make();
  } finally {
    console.warn = warn;
  }
}
