// One request to an S3 server, signed by AWS Signature Version 4, with nothing of any SDK: what tests ask must not depend on what they test.
import { createHash, createHmac } from "node:crypto";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Target {
  /** Without a path: `http://127.0.0.1:8333`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: S3Credentials;
}

export interface S3Question {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export async function s3Request(target: S3Target, question: S3Question): Promise<Response> {
  const { method, body = "" } = question;
  const { url, headers } = signed(target, question, new Date());
  return await fetch(url, { method, headers, ...(body.length > 0 && { body }) });
}

/** See "Authenticating Requests" in Amazon S3's API reference. */
function signed({ endpoint, region, credentials }: S3Target, question: S3Question, now: Date) {
  const { method, bucket, key = "", query = {}, body = "" } = question;
  const path = `/${[bucket, ...key.split("/")].map(escaped).join("/")}`;
  const search = sorted(query)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join("&");
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const digest = createHash("sha256").update(body).digest("hex");
  const named = {
    ...question.headers,
    host: new URL(endpoint).host,
    "x-amz-content-sha256": digest,
    "x-amz-date": time,
  };
  const headers = sorted(named).map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  const names = headers.map(([name]) => name).join(";");
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("");
  const canonical = [method, path, search, lines, names, digest].join("\n");
  const scope = [time.slice(0, 8), region, "s3", "aws4_request"];
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hash].join("\n");
  const signer = scope.reduce<string | Buffer>(
    (with_, part) => createHmac("sha256", with_).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = createHmac("sha256", signer).update(text).digest("hex");
  const credential = `${credentials.accessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const url = `${endpoint}${path}${search === "" ? "" : `?${search}`}`;
  return { url, headers: { ...Object.fromEntries(headers), authorization } };
}

const escaped = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const sorted = (entries: Readonly<Record<string, string>>) =>
  Object.entries(entries).toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
