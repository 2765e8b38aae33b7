// As whom a step reaches its bucket: a key of its own, a profile, or what the SDK finds; and a role that is assumed with these.
import { fromIni, fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { membersIn } from "../objects/members.ts";
import { optionsFailure } from "../objects/options-failure.ts";
import type { s3ConnectionOptions } from "./connection-options.ts";

type Options = Pick<
  OptionsOf<typeof s3ConnectionOptions>,
  "credentials" | "profile" | "role" | "role_external_id"
>;

interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Undefined: the SDK shall look for itself. Throws `bucket.options`; reaches nobody yet. */
export function s3Credentials({ credentials, profile, role, role_external_id }: Options, step: string) {
  if (credentials !== undefined && profile !== undefined) {
    throw optionsFailure(step, "it has both `credentials` and `profile`", "Give one of them.");
  }
  if (role === undefined && role_external_id !== undefined) {
    throw optionsFailure(step, "`role_external_id` is given without `role`", "Give the role's ARN too.");
  }
  const own =
    credentials !== undefined
      ? accessKey(credentials, step)
      : profile !== undefined
        ? fromIni({ profile })
        : undefined;
  if (role === undefined) return own;
  return fromTemporaryCredentials({
    params: {
      RoleArn: role,
      RoleSessionName: "strm",
      ...(role_external_id !== undefined && { ExternalId: role_external_id }),
    },
    ...(own !== undefined && { masterCredentials: own }),
    ...(profile !== undefined && { clientConfig: { profile } }),
  });
}

function accessKey(json: string, step: string): AccessKey {
  const { access_key_id, secret_access_key, session_token } = membersIn(json);
  if (typeof access_key_id !== "string" || typeof secret_access_key !== "string") {
    throw optionsFailure(
      step,
      "what `credentials` names is not an access key",
      'It is to be the JSON {"access_key_id": "…", "secret_access_key": "…"}, and "session_token" for a temporary one.',
    );
  }
  return {
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    ...(typeof session_token === "string" && { sessionToken: session_token }),
  };
}
