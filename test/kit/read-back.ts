// Reads a bucket back by a client that is not ours and not in our language: boto3, and Google's own for Python.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { GcsPlace } from "./gcs-server.ts";
import { pythonPackages, runPython } from "./python.ts";
import type { S3Place } from "./s3-server.ts";

export interface ReadObject {
  readonly key: string;
  /** Of the listing. */
  readonly sizeBytes: number;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  readonly storageClass: string | null;
  /** How the server encrypts it: an algorithm or the name of a key. */
  readonly encryption: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of S3 alone. */
  readonly tags: Readonly<Record<string, string>>;
  /** As they are stored. */
  readonly bytes: Buffer;
  /** Of the text, unpacked where the key ends in `.gz` or `.zst`; without the last line's end. */
  readonly lines: readonly string[];
}

const boto3 = () => pythonPackages("boto3", ["boto3==1.44.8"]);
const googleClient = () => pythonPackages("google-cloud-storage", ["google-cloud-storage==3.17.1"]);

/** For `beforeAll`: a machine's first reading fetches the clients, which takes longer than a test may. */
export async function fetchReaders(): Promise<void> {
  await Promise.all([boto3(), googleClient()]);
}

/** Sorted by key, as the server lists them. Throws where the client finds anything wrong with one. */
export async function readBackS3(
  { endpoint, region, app }: S3Place,
  bucket: string,
  prefix = "",
): Promise<readonly ReadObject[]> {
  return await readBack(await boto3(), "read_back_s3.py", [endpoint, region, bucket, prefix], {
    AWS_ACCESS_KEY_ID: app.accessKeyId,
    AWS_SECRET_ACCESS_KEY: app.secretAccessKey,
    // What stands in files of this machine's user is no part of the test.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  });
}

/** As `readBackS3`. */
export async function readBackGcs(
  { endpoint, project }: GcsPlace,
  bucket: string,
  prefix = "",
): Promise<readonly ReadObject[]> {
  return await readBack(await googleClient(), "read_back_gcs.py", [endpoint, project, bucket, prefix], {});
}

async function readBack(
  packages: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly ReadObject[]> {
  const folder = mkdtempSync(join(tmpdir(), "strm-read-back-"));
  try {
    const file = fileURLToPath(new URL(program, import.meta.url));
    const { code, stdout, stderr } = await runPython(packages, file, { args: [...args, folder], env });
    if (code !== 0) throw new Error(`${program} failed:\n${stderr.slice(-2000)}`);
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [objectOf(line)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function objectOf(line: string): ReadObject {
  const { file, ...known }: Omit<ReadObject, "bytes" | "lines"> & { readonly file: string } =
    JSON.parse(line);
  const bytes = readFileSync(file);
  let lines: readonly string[] | undefined;
  return {
    ...known,
    bytes,
    // A large object may be more than a text can hold, for whoever asks only for its bytes.
    get lines() {
      lines ??= linesOf(known.key, bytes);
      return lines;
    },
  };
}

function linesOf(key: string, bytes: Buffer): readonly string[] {
  const unpacked = key.endsWith(".gz")
    ? gunzipSync(bytes)
    : key.endsWith(".zst")
      ? zstdDecompressSync(bytes)
      : bytes;
  const text = unpacked.toString("utf8");
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
