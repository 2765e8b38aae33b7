// Makes the client of a bucket from a step's options.
import { S3Client } from "@aws-sdk/client-s3";
import type { OptionsOf } from "../../../dsl/spec/connector-spec.ts";
import { StrmFailure } from "../../failure.ts";
import { optionsFailure } from "../objects/options-failure.ts";
import type { s3ConnectionOptions } from "./connection-options.ts";
import { s3Credentials } from "./credentials.ts";

export type S3Options = OptionsOf<typeof s3ConnectionOptions>;

const CONNECT_TIMEOUT_MS = 10_000;
/** Stores of one's own seldom ask for the region, which still is part of every signature. */
const ANY_REGION = "us-east-1";

/** Throws `bucket.options` and `bucket.region`; reaches nobody yet. */
export async function s3Client(options: S3Options, step: string): Promise<S3Client> {
  const { region, endpoint, path_style, profile, request_timeout } = options;
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw optionsFailure(step, "`endpoint` is no address", 'Write it as "https://host:port".');
  }
  const credentials = s3Credentials(options, step);
  const client = new S3Client({
    ...((region ?? endpoint) !== undefined && { region: region ?? ANY_REGION }),
    ...(endpoint !== undefined && { endpoint }),
    ...(profile !== undefined && { profile }),
    ...(credentials !== undefined && { credentials }),
    forcePathStyle: path_style ?? endpoint !== undefined,
    // Requests are tried again here, where it is known what a lost answer means.
    maxAttempts: 1,
    // An upload that waits for `100 Continue` takes a connection of its own, each time.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      // Of silence: a slow link that moves is none.
      socketTimeout: request_timeout,
    },
  });
  await client.config.region().catch(() => {
    client.destroy();
    throw new StrmFailure(
      "bucket.region",
      `It is not known which region the bucket of step \`${step}\` is in.`,
      'Say `region = "eu-central-1"`, or set `AWS_REGION`.',
    );
  });
  return client;
}
